// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/allow_list_reader.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/allow_list_file.h"
#include "davy/incident/allow_value.h"

namespace davy::incident {
namespace {

using Form = FileValue::Form;

constexpr std::string_view kEntryKeys[] = {"name",  "scope",  "what",   "reason",
                                           "owner", "starts", "expires"};
constexpr std::string_view kOptionalKeys[] = {"starts"};
constexpr std::string_view kWhatKeys[] = {"detectors", "signals", "stages", "kinds"};
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxWordsBytes = 400;

/// "x; did you mean 'y'?" for a hint; empty when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view near = nearest_name(word, known);
  return near.empty() ? "" : fmt::format("did you mean `{}`?", near);
}

/// Reads one file and keeps what is wrong with it.
class Reader {
 public:
  Reader(const std::string& file, const DetectorNames& names, Diagnostics& diagnostics)
      : file_(file), names_(names), diagnostics_(diagnostics) {}

  void read(const FileValue& root, AllowList& list) {
    constexpr std::string_view kRootKeys[] = {"allow"};
    check_keys(root, kRootKeys, "the file");
    const FileValue* allow = find(root, "allow");
    if (allow == nullptr) return refuse("DVY-A004", root, "the file has no `allow`", "");
    if (allow->form != Form::kList) {
      return refuse("DVY-A002", *allow, "`allow` is not a list",
                    "write `- name: …` for each entry below it, or `allow: []` for none");
    }
    for (const FileValue& item : allow->items)
      read_entry(item, list);
  }

 private:
  void refuse(std::string_view code, const FileValue& at, std::string message, std::string hint) {
    diagnostics_.push_back({std::string(code), davy::Severity::kError, file_, at.line, at.column,
                            std::move(message), std::move(hint)});
  }

  static const FileValue* find(const FileValue& map, std::string_view key) {
    for (const auto& [name, value] : map.fields) {
      if (name.text == key) return &value;
    }
    return nullptr;
  }

  void check_keys(const FileValue& map, std::span<const std::string_view> known,
                  std::string_view where) {
    std::set<std::string_view> seen;
    for (const auto& [key, value] : map.fields) {
      const std::string shown = printable(key.text, 60);
      if (std::find(known.begin(), known.end(), key.text) == known.end()) {
        std::string hint = did_you_mean(key.text, {known.begin(), known.end()});
        if (hint.empty()) {
          hint = fmt::format("known are {}", fmt::join(known, ", "));
        }
        refuse("DVY-A003", key, fmt::format("{} has no key `{}`", where, shown), std::move(hint));
      } else if (!seen.insert(key.text).second) {
        refuse("DVY-A005", key, fmt::format("`{}` is written twice", shown), "remove one of them");
      }
    }
  }

  void read_entry(const FileValue& item, AllowList& list) {
    if (item.form != Form::kMap) {
      return refuse("DVY-A002", item, "an entry is not a map of keys",
                    fmt::format("its keys are {}", fmt::join(kEntryKeys, ", ")));
    }
    check_keys(item, kEntryKeys, "an entry");
    for (const std::string_view key : kEntryKeys) {
      const bool optional = std::find(std::begin(kOptionalKeys), std::end(kOptionalKeys), key) !=
                            std::end(kOptionalKeys);
      if (!optional && find(item, key) == nullptr) {
        refuse("DVY-A004", item, fmt::format("the entry has no `{}`", key), hint_for(key));
      }
    }
    AllowEntry entry;
    entry.file = file_;
    entry.line = item.line;
    entry.name = words(item, "name", kMaxNameBytes);
    entry.reason = words(item, "reason", kMaxWordsBytes);
    entry.owner = words(item, "owner", kMaxWordsBytes);
    if (const FileValue* at = find(item, "scope")) entry.scope = read_scope(*at);
    if (const FileValue* at = find(item, "what")) entry.what = read_what(*at);
    read_times(item, entry);
    list.push_back(std::move(entry));
  }

  static std::string hint_for(std::string_view key) {
    if (key == "what") return "write `what: any` for everything but what is protected";
    if (key == "expires") return "give the last day, as in `expires: 2026-12-31`; renew it then";
    if (key == "scope") return "say whom or what it permits, as in `scope: {account: \"…\"}`";
    return "";
  }

  /// The text of a key: one line, not empty.
  std::string words(const FileValue& map, std::string_view key, size_t max_bytes) {
    const FileValue* at = find(map, key);
    if (at == nullptr) return {};
    const std::string_view text = trim(at->text);
    const bool one_line = text.find_first_of("\r\n") == std::string_view::npos;
    if (at->form != Form::kText || text.empty() || !one_line || text.size() > max_bytes) {
      refuse("DVY-A002", *at, fmt::format("`{}` is not one line of text", key),
             fmt::format("at most {} bytes", max_bytes));
      return {};
    }
    return std::string(text);
  }

  /// One text or a list of texts; what is neither is refused.
  std::vector<const FileValue*> texts(const FileValue& value, std::string_view key) {
    std::vector<const FileValue*> found;
    if (value.form == Form::kText) found.push_back(&value);
    for (const FileValue& item : value.items) {
      if (item.form == Form::kText) {
        found.push_back(&item);
      } else {
        refuse("DVY-A002", item, fmt::format("an item of `{}` is not a text", key), "");
      }
    }
    if (found.empty()) refuse("DVY-A002", value, fmt::format("`{}` names nothing", key), "");
    return found;
  }

  std::vector<AllowedScope> read_scope(const FileValue& value) {
    std::vector<AllowedScope> scopes;
    std::vector<std::string_view> known;
    for (size_t i = 0; i < kScopeKeyCount; ++i)
      known.push_back(scope_key_name(static_cast<ScopeKey>(i)));
    if (value.form != Form::kMap || value.fields.empty()) {
      refuse("DVY-A002", value, "`scope` names nothing",
             fmt::format("its keys are {}", fmt::join(known, ", ")));
      return scopes;
    }
    check_keys(value, known, "`scope`");
    bool narrow = false;
    for (const auto& [key, values] : value.fields) {
      const auto place = std::find(known.begin(), known.end(), key.text);
      if (place == known.end()) continue;
      AllowedScope scope{static_cast<ScopeKey>(place - known.begin()), {}};
      // Whoever launches a machine chooses its region and writes its tags.
      narrow = narrow || (scope.key != ScopeKey::kRegion && scope.key != ScopeKey::kTag);
      for (const FileValue* text : texts(values, key.text)) {
        const auto read = read_allowed_value(scope.key, trim(text->text));
        if (read.value) {
          scope.values.push_back(*read.value);
        } else {
          refuse(read.too_wide ? "DVY-A008" : "DVY-A006", *text,
                 fmt::format("`{}` of `{}` {}", printable(text->text, 60), key.text, read.problem),
                 read.hint);
        }
      }
      scopes.push_back(std::move(scope));
    }
    if (!narrow && !scopes.empty()) {
      refuse("DVY-A008", value, "region and tag do not say who or what is meant",
             "anybody who launches a machine chooses them; add an account, principal or resource");
    }
    return scopes;
  }

  template <typename Enum>
  std::set<Enum> read_names(const FileValue& what, std::string_view key, size_t count,
                            std::string_view (*name)(Enum)) {
    std::set<Enum> found;
    const FileValue* at = find(what, key);
    if (at == nullptr) return found;
    std::vector<std::string_view> known;
    for (size_t i = 0; i < count; ++i)
      known.push_back(name(static_cast<Enum>(i)));
    for (const FileValue* text : texts(*at, key)) {
      const auto place = std::find(known.begin(), known.end(), text->text);
      if (place != known.end()) {
        found.insert(static_cast<Enum>(place - known.begin()));
        continue;
      }
      std::string hint = did_you_mean(text->text, known);
      if (hint.empty()) hint = fmt::format("known are {}", fmt::join(known, ", "));
      refuse("DVY-A007", *text,
             fmt::format("`{}` is none of the {}", printable(text->text, 60), key),
             std::move(hint));
    }
    return found;
  }

  AllowedEvidence read_what(const FileValue& value) {
    AllowedEvidence what;
    if (value.form == Form::kText && value.text == "any") return what;
    if (value.form != Form::kMap || value.fields.empty()) {
      refuse("DVY-A002", value, "`what` is neither `any` nor a map",
             fmt::format("its keys are {}", fmt::join(kWhatKeys, ", ")));
      return what;
    }
    check_keys(value, kWhatKeys, "`what`");
    what.signals = read_names(value, "signals", detect::kSignalCount, detect::signal_name);
    what.stages = read_names(value, "stages", detect::kStageCount, detect::stage_name);
    what.kinds = read_names(value, "kinds", kKindCount, kind_name);
    if (const FileValue* at = find(value, "detectors")) {
      for (const FileValue* text : texts(*at, "detectors"))
        read_detector(*text, what);
    }
    return what;
  }

  void read_detector(const FileValue& text, AllowedEvidence& what) {
    const auto found = names_.find(text.text);
    if (found != names_.end()) {
      what.detectors.insert(found->second);
      return;
    }
    std::vector<std::string_view> known;
    for (const auto& [name, detector] : names_)
      known.push_back(name);
    std::string hint = did_you_mean(text.text, known);
    if (hint.empty()) hint = "`davy rules list` lists the rules; detectors are in the JSON report";
    refuse("DVY-A007", text,
           fmt::format("`{}` is no detector and no rule", printable(text.text, 60)),
           std::move(hint));
  }

  void read_times(const FileValue& item, AllowEntry& entry) {
    const auto read = [&](std::string_view key, DurationNs whole_day) -> Time {
      const FileValue* at = find(item, key);
      if (at == nullptr) return {};
      const auto time = read_date(at->text, whole_day);
      if (at->form == Form::kText && time) return *time;
      refuse("DVY-A006", *at, fmt::format("`{}` of `{}` is no date", printable(at->text, 60), key),
             "write 2026-12-31, or 2026-12-31T18:00:00Z");
      return {};
    };
    entry.starts = read("starts", 0);
    entry.ends = read("expires", kDay);
    if (entry.ends.known() && entry.starts >= entry.ends) {
      refuse("DVY-A009", *find(item, "starts"), "the entry starts after it has ended", "");
    }
  }

  const std::string& file_;
  const DetectorNames& names_;
  Diagnostics& diagnostics_;
};

void check_unique(const AllowList& list, Diagnostics& diagnostics) {
  for (size_t i = 1; i < list.size(); ++i) {
    if (list[i].name.empty() || list[i].name != list[i - 1].name) continue;
    diagnostics.push_back({"DVY-A010", davy::Severity::kError, list[i].file, list[i].line, 0,
                           fmt::format("the name `{}` is taken", printable(list[i].name)),
                           fmt::format("by the entry at {}:{}; reports name entries by it",
                                       list[i - 1].file, list[i - 1].line)});
  }
}

}  // namespace

AllowList read_allow_list(std::span<const AllowFile> files, const DetectorNames& names,
                          Diagnostics& diagnostics) {
  AllowList list;
  for (const AllowFile& file : files) {
    const auto root = read_allow_file(file.text, file.name, diagnostics);
    if (root) Reader(file.name, names, diagnostics).read(*root, list);
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const AllowEntry& a, const AllowEntry& b) { return a.name < b.name; });
  check_unique(list, diagnostics);
  return list;
}

}  // namespace davy::incident
