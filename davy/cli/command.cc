// SPDX-License-Identifier: Apache-2.0
#include "davy/cli/command.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <sstream>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

#include "content/content.h"
#include <CLI/CLI.hpp>

#include "davy/base/text.h"
#include "davy/sigma/rule_set.h"

namespace davy::cli {
namespace {

/// Messages name files, and a terminal would obey what a name holds.
std::string obeying_nothing(const std::string& text) {
  std::string out;
  for (const std::string_view line : split(text, '\n'))
    out += (out.empty() ? "" : "\n") + printable(line, line.size());
  return out;
}

/// A place of rules the user named must give a rule or a filter; if not, every reason why.
Result<void> check_usable(const std::string& place, std::span<const sigma::RuleText> texts,
                          const sigma::RuleSet& rules, const sigma::LoadReport& report) {
  std::set<std::string_view> files;
  for (const sigma::RuleText& text : texts)
    files.insert(text.file);
  for (sigma::RuleIndex i = 0; i < rules.size(); ++i) {
    if (files.contains(rules.info(i).file)) return {};
  }
  std::string reasons;
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.severity == Severity::kError && files.contains(diagnostic.file))
      reasons += "\n" + to_text(diagnostic);
  }
  if (!texts.empty() && reasons.empty()) return {};  // filters alone
  return Error(ErrorCode::kUsage, "no rule in " + printable(place) + " can be used" + reasons);
}

std::string read_stream(std::ifstream& file) {
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> content_files(const GlobalOptions& global,
                                                               std::string_view folder,
                                                               std::string_view suffix) {
  if (global.content_dir.empty()) return content::below(folder, suffix);
  std::vector<std::pair<std::string, std::string>> files;
  const std::filesystem::path root(global.content_dir);
  std::error_code error;
  std::filesystem::recursive_directory_iterator walk(root / std::string(folder), error);
  for (; !error && walk != std::filesystem::recursive_directory_iterator(); walk.increment(error)) {
    const std::string name = walk->path().lexically_relative(root).generic_string();
    if (walk->is_regular_file() && name.ends_with(suffix)) {
      std::ifstream file(walk->path(), std::ios::binary);
      files.emplace_back(name, read_stream(file));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<pipeline::Knowledge> load_knowledge(const GlobalOptions& global,
                                           const std::vector<std::string>& extra_rules) {
  std::vector<sigma::RuleText> texts;
  for (auto& [path, text] : content_files(global, "rules/", ".yml")) {
    if (!path.ends_with(".test.yml")) texts.push_back({path, std::move(text)});
  }
  std::vector<size_t> begins;  // of each place's texts
  for (const std::string& place : extra_rules) {
    begins.push_back(texts.size());
    auto extra = DAVY_TRY(sigma::read_rule_files({place}));
    std::move(extra.begin(), extra.end(), std::back_inserter(texts));
  }
  begins.push_back(texts.size());
  sigma::LoadReport report;
  sigma::RuleSet rules = sigma::RuleSet::load(texts, {}, report);
  for (size_t i = 0; i < extra_rules.size(); ++i) {
    const auto own = std::span(texts).subspan(begins[i], begins[i + 1] - begins[i]);
    DAVY_TRY(check_usable(extra_rules[i], own, rules, report));
  }

  Diagnostics diagnostics;
  const auto indicators = content_files(global, "indicators/", ".csv");
  intel::Intel intel = intel::Intel::load(indicators, diagnostics);
  const auto table = [&](const char* name) {
    const auto files = content_files(global, "tables/", name);
    return files.empty() ? std::string() : files.front().second;
  };
  impact::PriceTable prices =
      impact::PriceTable::load(table("aws_ec2_prices.csv"), table("aws_region_factors.csv"),
                               table("aws_other_prices.csv"), diagnostics);
  report.diagnostics.insert(report.diagnostics.end(), diagnostics.begin(), diagnostics.end());
  return pipeline::Knowledge{std::move(rules), std::move(report), std::move(intel),
                             std::move(prices)};
}

Result<std::string> read_text_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return Error(ErrorCode::kUsage, path + " is a folder; name a file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Error(ErrorCode::kNotFound, "cannot open " + path + ": " + std::strerror(errno));
  return read_stream(file);
}

void say(const GlobalOptions& global, const std::string& text) {
  if (!global.quiet) std::fprintf(stderr, "%s\n", obeying_nothing(text).c_str());
}

void say_error(const std::string& text) {
  std::fprintf(stderr, "davy: %s\n", obeying_nothing(text).c_str());
}

bool wants_color(const GlobalOptions& global, int file_descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return !global.no_color && (no_color == nullptr || *no_color == '\0') && !dumb &&
         isatty(file_descriptor) != 0;
}

int terminal_width(int file_descriptor) {
  winsize size{};
  if (ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  return 100;
}

bool write_out(std::string_view text) {
  if (output_is_lost()) return false;
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return true;
  say_error(std::string("cannot write to standard output: ") + std::strerror(errno) +
            "; what was printed is not complete");
  return false;
}

bool output_is_lost() {
  return std::ferror(stdout) != 0;
}

void restrict_to(CLI::Option& option, std::vector<std::string> names) {
  option.type_name("{" + join(names, ",") + "}");
  option.check([names = std::move(names)](const std::string& value) -> std::string {
    if (std::find(names.begin(), names.end(), value) != names.end()) return {};
    const std::string_view near = nearest_name(value, {names.begin(), names.end()});
    return "'" + printable(value, 60) + "' is none of " + join(names, ", ") +
           (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?");
  });
}

unsigned default_threads() {
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace davy::cli
