// SPDX-License-Identifier: Apache-2.0
// davy simulate SCENARIO -o DIR: labelled telemetry; davy simulate stream: load of any volume.
#include "davy/simulate/simulate.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/cli/command.h"

namespace davy::cli {
namespace {

struct SimulateArguments {
  simulate::Options options;
  std::string start;
  std::string folder;
  std::string stream;  ///< format to stream to standard output
  uint64_t bytes = 1 << 30;
};

Result<void> write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return Error(ErrorCode::kIo,
                 fmt::format("cannot create {}: {}", path.string(), std::strerror(errno)));
  }
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  if (std::fclose(file) != 0 || !written) {
    return Error(ErrorCode::kIo,
                 fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  }
  return {};
}

int run_stream(const SimulateArguments& arguments) {
  const auto format = simulate::stream_format(arguments.stream);
  simulate::StreamOptions options;
  options.bytes = arguments.bytes;
  options.seed = arguments.options.seed;
  options.start = arguments.options.start;
  const auto done = simulate::stream(*format, options, [](std::string_view bytes) -> Result<void> {
    if (write_out(bytes)) return {};
    return Error(ErrorCode::kIo, "standard output cannot be written");
  });
  if (!done && !output_is_lost()) say_error(done.error().message());
  if (!done) return kUsage;
  return kNothingFound;
}

int run_simulate(const SimulateArguments& arguments, const GlobalOptions& global) {
  SimulateArguments checked = arguments;
  if (!arguments.start.empty()) {
    const auto start = parse_rfc3339(arguments.start + "T00:00:00Z");
    if (!start) {
      say_error(fmt::format("'{}' is not a date; write it as 2025-02-20", arguments.start));
      return kUsage;
    }
    checked.options.start = *start;
  }
  if (!checked.stream.empty()) return run_stream(checked);
  if (checked.folder.empty()) {
    say_error("where to? add -o DIR (or --stream FORMAT to write to standard output)");
    return kUsage;
  }
  const std::filesystem::path folder(checked.folder);
  if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder)) {
    say_error(fmt::format("{} is not empty; choose a new folder", checked.folder));
    return kUsage;
  }
  const auto summary =
      simulate::write_estate(checked.options, [&](std::string_view path, std::string_view bytes) {
        return write_file(folder / std::string(path), bytes);
      });
  if (!summary) {
    say_error(summary.error().message());
    return kUsage;
  }
  say(global,
      fmt::format("{}: {} files, {} records, {} ({} on disk), {} planted incident{}",
                  checked.folder, with_thousands(summary->files), with_thousands(summary->records),
                  human_bytes(summary->bytes), human_bytes(summary->bytes_written),
                  summary->planted.size(), summary->planted.size() == 1 ? "" : "s"));
  return kNothingFound;
}

}  // namespace

void add_simulate(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
  auto arguments = std::make_shared<SimulateArguments>();
  CLI::App* command =
      app.add_subcommand("simulate", "Write labelled attack telemetry with a benign background");
  std::string scenarios = "Scenario:";
  std::vector<std::string> names;
  for (const simulate::ScenarioInfo& info : simulate::scenarios()) {
    scenarios += fmt::format("\n  {}: {}", info.name, info.summary);
    names.emplace_back(info.name);
  }
  restrict_to(*command->add_option("SCENARIO", arguments->options.scenario, scenarios)
                   ->capture_default_str(),
              names);
  command->add_option("-o,--output", arguments->folder, "New folder to write to");
  command->add_option("--seed", arguments->options.seed, "Same seed, same bytes")
      ->check([](const std::string& text) {
        return text.starts_with('-') ? std::string("must not be negative") : std::string();
      })
      ->capture_default_str();
  command->add_option("--scale", arguments->options.scale, "Multiplies the benign background")
      ->capture_default_str();
  command->add_option("--start", arguments->start, "First day, as 2025-02-20");
  const auto streams = simulate::stream_format_names();
  restrict_to(*command->add_option("--stream", arguments->stream,
                                   "Instead: endless background of one format to standard output"),
              {streams.begin(), streams.end()});
  command->add_option("--bytes", arguments->bytes, "How much to stream, e.g. 5GB")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  davy simulate estate -o ./estate && davy scan ./estate\n"
      "  davy simulate mass-launch -o ./case --seed 7\n"
      "  davy simulate --stream vpc_flow --bytes 5GB | davy scan -");
  command->callback([arguments, &global, &run] {
    run = [arguments, &global] { return run_simulate(*arguments, global); };
  });
}

}  // namespace davy::cli
