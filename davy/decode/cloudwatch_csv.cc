// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudwatch_csv.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "davy/base/text.h"
#include "davy/decode/aws_names.h"
#include "davy/decode/metric_emitter.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

constexpr event::Logsource kLogsources[] = {{"", "aws", "cloudwatch"}};

constexpr size_t kMaxColumns = 600;  ///< the console graphs at most 500 series

enum class Role : uint8_t {
  kTime,
  kValue,
  kInstance,
  kMetric,
  kUnit,
  kStatistic,
  kRegion,
  kAccount,
  kNamespace,
  kPeriod,
  kCount,
};
constexpr size_t kRoles = static_cast<size_t>(Role::kCount);

/// Column names in lower case without '_', '-' and spaces.
struct Column {
  std::string_view name;
  Role role;
  std::string_view statistic = {};  ///< what a column of this name holds
};
constexpr Column kColumns[] = {
    {"timestamp", Role::kTime},
    {"time", Role::kTime},
    {"date", Role::kTime},
    {"value", Role::kValue},
    {"average", Role::kValue, "Average"},
    {"maximum", Role::kValue, "Maximum"},
    {"sum", Role::kValue, "Sum"},
    {"instanceid", Role::kInstance},
    {"instance", Role::kInstance},
    {"resource", Role::kInstance},
    {"dimension", Role::kInstance},
    {"metric", Role::kMetric},
    {"metricname", Role::kMetric},
    {"unit", Role::kUnit},
    {"stat", Role::kStatistic},
    {"statistic", Role::kStatistic},
    {"region", Role::kRegion},
    {"account", Role::kAccount},
    {"accountid", Role::kAccount},
    {"namespace", Role::kNamespace},
    {"period", Role::kPeriod},
};

using Cells = std::vector<std::string_view>;

/// Cuts a line into cells without their quotes. A doubled quote inside a quoted cell stays doubled:
/// nothing that is read here holds one.
void cut(std::string_view line, char delimiter, Cells& cells) {
  cells.clear();
  while (cells.size() < kMaxColumns) {
    size_t end;
    if (line.starts_with('"')) {
      size_t quote = line.find('"', 1);
      while (quote != std::string_view::npos && line.substr(quote + 1).starts_with('"')) {
        quote = line.find('"', quote + 2);
      }
      const size_t length = quote == std::string_view::npos ? line.size() : quote;
      cells.push_back(line.substr(1, length - 1));
      end = line.find(delimiter, length);
    } else {
      end = line.find(delimiter);
      cells.push_back(trim(line.substr(0, end)));
    }
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + 1);
  }
}

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '_' && c != '-' && c != ' ') plain += ascii_lower(c);
  }
  return plain;
}

const Column* find_column(std::string_view name) {
  const auto* found = std::find_if(
      std::begin(kColumns), std::end(kColumns),
      [plain = plain_name(name)](const Column& column) { return column.name == plain; });
  return found == std::end(kColumns) ? nullptr : found;
}

char delimiter_of(std::string_view line) {
  const size_t at = line.find_first_of(",;\t");
  return at == std::string_view::npos ? ',' : line[at];
}

/// "2026-03-04 14:00:00", also with slashes, or an epoch number.
std::optional<Time> time_of(std::string_view cell) {
  if (cell.size() > 40) return std::nullopt;
  std::string text(cell);
  std::replace(text.begin(), text.end(), '/', '-');
  return parse_time(text);
}

struct CsvLayout final : Layout {
  char delimiter = ',';
  size_t columns = 0;
  std::array<size_t, kRoles> place{};  ///< 1-based column of a role, 0 for none
  std::string_view statistic;          ///< told by the name of the value's column
  std::vector<std::string> series;     ///< of the console's layout: one label a column
};

/// The layout a header line describes; null when a column is unknown, named twice, or time or value
/// is missing.
std::shared_ptr<CsvLayout> layout_of_header(std::string_view line) {
  auto layout = std::make_shared<CsvLayout>();
  layout->delimiter = delimiter_of(line);
  Cells cells;
  cut(line, layout->delimiter, cells);
  for (size_t i = 0; i < cells.size(); ++i) {
    const Column* column = find_column(cells[i]);
    if (column == nullptr) return nullptr;
    size_t& place = layout->place[static_cast<size_t>(column->role)];
    if (place != 0) return nullptr;
    place = i + 1;
    if (column->role == Role::kValue) layout->statistic = column->statistic;
  }
  layout->columns = cells.size();
  const bool complete = layout->place[static_cast<size_t>(Role::kTime)] != 0 &&
                        layout->place[static_cast<size_t>(Role::kValue)] != 0;
  return complete ? layout : nullptr;
}

/// The layout of the console's export: a row of labels first.
std::shared_ptr<CsvLayout> layout_of_labels(std::string_view line) {
  if (!line.starts_with("Full label,") && !line.starts_with("\"Full label\",")) return nullptr;
  auto layout = std::make_shared<CsvLayout>();
  Cells cells;
  cut(line, ',', cells);
  layout->series.assign(cells.begin() + 1, cells.end());
  layout->columns = cells.size();
  return layout;
}

std::shared_ptr<CsvLayout> layout_of(std::string_view line) {
  auto layout = layout_of_labels(line);
  return layout != nullptr ? layout : layout_of_header(line);
}

class CsvDecoder final : public Decoder {
 public:
  explicit CsvDecoder(const event::Schema& schema) : schema_(schema) {
    for (event::Slot slot = 0; slot < schema.size(); ++slot) {
      const Column* column = find_column(schema.path(slot));
      if (column != nullptr) wanted_.emplace_back(slot, column->role);
    }
  }

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    const auto* layout = dynamic_cast<const CsvLayout*>(record.stream->layout.get());
    if (layout == nullptr) return Outcome::not_mine();
    if (record.bytes.empty()) return Outcome::skipped("empty line");
    cut(record.bytes, layout->delimiter, cells_);
    const size_t time_at = layout->place[static_cast<size_t>(Role::kTime)];
    const size_t time_cell = time_at == 0 ? 0 : time_at - 1;  // the console puts times first
    const auto time = time_cell < cells_.size() ? time_of(cells_[time_cell]) : std::nullopt;
    if (!time && is_ascii_alpha(record.bytes.front())) return Outcome::skipped("header line");
    if (!time) return Outcome::rejected("row without a time");
    if (cells_.size() > layout->columns) return Outcome::rejected("more cells than columns");
    return layout->series.empty() ? row(*layout, *time, record, bench, sink)
                                  : console_row(*layout, *time, record, bench, sink);
  }

 private:
  std::string_view cell(const CsvLayout& layout, Role role) const {
    const size_t place = layout.place[static_cast<size_t>(role)];
    return place == 0 || place > cells_.size() ? std::string_view{} : cells_[place - 1];
  }

  Outcome row(const CsvLayout& layout, Time time, const RawRecord& record, Workbench& bench,
              Sink& sink) {
    const auto text = [&](Role role) { return cell(layout, role); };
    if (text(Role::kValue).empty()) return Outcome::skipped("row without a value");
    const auto value = parse_number(text(Role::kValue));
    if (!value) return Outcome::rejected("value is not a number");
    const std::string_view path = record.stream->path;
    const std::string_view named = text(Role::kInstance);
    Series series;
    series.instance = find_instance_id(named.empty() ? path : named);
    series.account = text(Role::kAccount);
    series.region = text(Role::kRegion);
    series.metric.series = named.empty() ? path : named;
    series.metric.name = text(Role::kMetric);
    if (series.metric.name.empty()) series.metric.name = metric_of_path(path);
    if (series.metric.name.empty()) series.metric.name = "value";
    series.metric.name_space = text(Role::kNamespace);
    series.metric.unit = text(Role::kUnit);
    series.metric.statistic =
        text(Role::kStatistic).empty() ? layout.statistic : text(Role::kStatistic);
    const int64_t seconds = parse_int(text(Role::kPeriod)).value_or(0);
    if (seconds > 0 && seconds <= kDay / kSecond) series.metric.period = seconds * kSecond;

    event::Fields& fields = bench.fields();
    for (const auto& [slot, role] : wanted_) {
      const auto type =
          role == Role::kValue ? event::Value::Type::kNumber : event::Value::Type::kString;
      if (!text(role).empty()) fields.add(slot, type, text(role));
    }
    if (schema_.all_values()) {
      for (std::string_view one : cells_)
        fields.add_any(one);
    }
    emitter_.emit(series, time, *value, record, fields, sink);
    return Outcome::decoded();
  }

  Outcome console_row(const CsvLayout& layout, Time time, const RawRecord& record, Workbench& bench,
                      Sink& sink) {
    bool bad = false;
    for (size_t i = 1; i < cells_.size(); ++i) {
      if (cells_[i].empty()) continue;  // that series has no datapoint then
      const auto value = parse_number(cells_[i]);
      if (!value) {
        bad = true;
        continue;
      }
      const std::string_view label = layout.series[i - 1];
      Series series;
      series.instance = find_instance_id(label);
      series.metric.series = label;
      series.metric.name = metric_of_label(label);
      emitter_.emit(series, time, *value, record, bench.fields(), sink);
    }
    return bad ? Outcome::rejected("value is not a number") : Outcome::decoded();
  }

  const event::Schema& schema_;
  std::vector<std::pair<event::Slot, Role>> wanted_;
  Cells cells_;
  MetricEmitter emitter_;
};

}  // namespace

const Format kCloudWatchCsv = {
    .name = "cloudwatch_csv",
    .title = "CloudWatch metrics as CSV",
    .framing = Framing::kLines,
    .logsources = kLogsources,
    .looks_like_text =
        [](const TextProbe& probe) {
          return !probe.lines.empty() && layout_of(probe.lines[0]) != nullptr;
        },
    .read_layout = [](const TextProbe& probe) -> std::shared_ptr<const Layout> {
      return probe.lines.empty() ? nullptr : layout_of(probe.lines[0]);
    },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<CsvDecoder>(schema);
    },
};

}  // namespace davy::decode
