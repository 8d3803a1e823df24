// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/logs_csv.h"

#include <algorithm>
#include <string>

#include "davy/base/text.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

struct CsvLayout final : Layout {
  size_t message = 0;  ///< the column of it, from 0
};

/// Takes the first cell off `line`. Doubled quotes become single ones; false when a quoted cell
/// does not end.
bool take_cell(std::string_view& line, std::string& cell) {
  cell.clear();
  size_t at = 0;
  if (line.starts_with('"')) {
    for (at = 1;; at += 2) {
      const size_t quote = line.find('"', at);
      if (quote == std::string_view::npos) return false;
      cell += line.substr(at, quote - at);
      at = quote;
      if (!line.substr(quote + 1).starts_with('"')) break;
      cell += '"';
    }
    ++at;
  } else {
    at = std::min(line.find(','), line.size());
    cell = line.substr(0, at);
  }
  const size_t comma = line.find(',', at);
  line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
  return true;
}

/// The layout of a header line, or null.
std::shared_ptr<const CsvLayout> read_header(std::string_view line) {
  if (line.size() > 1'000) return nullptr;
  auto layout = std::make_shared<CsvLayout>();
  bool has_time = false;
  bool has_message = false;
  std::string name;
  for (size_t column = 0; !line.empty() && take_cell(line, name); ++column) {
    const std::string_view plain = std::string_view(name).substr(name.starts_with('@') ? 1 : 0);
    has_time |= plain == "timestamp";
    if (plain != "message") continue;
    has_message = true;
    layout->message = column;
  }
  return has_time && has_message ? layout : nullptr;
}

class LogsCsvDecoder final : public Decoder {
 public:
  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    const auto* layout = static_cast<const CsvLayout*>(record.stream->layout.get());
    if (layout == nullptr) return Outcome::not_mine();
    std::string_view line = record.bytes;
    if (read_header(line) != nullptr) return Outcome::skipped("header line");
    for (size_t column = 0; column <= layout->message; ++column) {
      if (line.empty()) return Outcome::rejected("line: fewer fields than columns");
      if (!take_cell(line, cell_)) return Outcome::rejected("line: a quoted field does not end");
    }
    StreamContext stream = *record.stream;
    stream.layout = nullptr;
    return bench.decode_text(cell_, {record.bytes, record.offset, &stream}, sink);
  }

 private:
  std::string cell_;
};

}  // namespace

const Format kLogsCsv = {
    .name = "logs_csv",
    .title = "Messages of a log group as CSV",
    .framing = Framing::kLines,
    .looks_like_text =
        [](const TextProbe& probe) {
          const auto first =
              std::find_if(probe.lines.begin(), probe.lines.end(),
                           [](std::string_view line) { return !trim(line).empty(); });
          return first != probe.lines.end() && read_header(*first) != nullptr;
        },
    .read_layout = [](const TextProbe& probe) -> std::shared_ptr<const Layout> {
      for (std::string_view line : probe.lines) {
        if (auto layout = read_header(line)) return layout;
      }
      return nullptr;
    },
    .make_decoder = [](const event::Schema&) -> std::unique_ptr<Decoder> {
      return std::make_unique<LogsCsvDecoder>();
    },
    .envelope = true,
};

}  // namespace davy::decode
