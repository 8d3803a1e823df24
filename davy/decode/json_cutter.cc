// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_cutter.h"

#include <algorithm>
#include <iterator>

#include "davy/base/text.h"
#include "davy/decode/json_brackets.h"
#include "davy/decode/line_start.h"

namespace davy::decode {
namespace {

/// Keys whose array value holds the records when they come first in a document.
constexpr std::string_view kWrapperKeys[] = {"Records", "Findings", "Events"};

/// Keys that do so only when nothing but kPagingKeys stands beside them: records have them too.
constexpr std::string_view kGenericKeys[] = {"records", "findings", "events",  "items",
                                             "value",   "entries",  "Messages"};
constexpr std::string_view kPagingKeys[] = {"NextToken",
                                            "nextToken",
                                            "nextPageToken",
                                            "nextLink",
                                            "@odata.nextLink",
                                            "searchedLogStreams",
                                            "count",
                                            "@odata.count",
                                            "@odata.context",
                                            "ResponseMetadata",
                                            "nextForwardToken",
                                            "nextBackwardToken"};

/// Longest prefix that decides whether a document is a wrapper.
constexpr size_t kWrapperProbe = 128;

constexpr size_t kLinesProbe = 512 << 10;   ///< of a stream: is it JSON Lines?
constexpr size_t kLongestStray = 64 << 10;  ///< of lines that are no JSON and looked at as a whole

/// Longest beginning of a record that is remembered while the record is skipped.
constexpr size_t kLongestHead = 256;

size_t skip_filler(std::string_view data, size_t at, bool commas) {
  while (at < data.size() && (is_ascii_space(data[at]) || (commas && data[at] == ',')))
    ++at;
  return at;
}

template <typename List, typename Item>
bool one_of(const List& list, const Item& word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

/// JSON Lines when the first line that starts an object also ends it. Up to two lines of something
/// else may stand before: damage at the beginning must not cost the rest.
bool looks_like_json_lines(std::string_view data) {
  for (int i = 0; i < 3 && !data.empty(); ++i) {
    const size_t end = data.find('\n');
    if (end == std::string_view::npos) return false;
    std::string_view line = trim(data.substr(0, end));
    line.remove_prefix(json_prefix(line));
    if (line.starts_with('{')) return line.size() > 2 && line.back() == '}';
    data.remove_prefix(end + 1);
  }
  return false;
}

/// How a document begins.
struct Opening {
  std::string_view key;    ///< its first key
  size_t array = 0;        ///< where the elements of that key's array begin; 0: it is no array
  bool undecided = false;  ///< more bytes are needed to tell
};

Opening read_opening(std::string_view data, bool last) {
  Opening opening;
  if (!data.starts_with('{')) return opening;
  size_t at = skip_filler(data, 1, false);
  opening.undecided = !last && data.size() < kWrapperProbe;
  if (at >= data.size()) return opening;
  const size_t end = data[at] == '"' ? data.find('"', at + 1) : at;
  if (end == std::string_view::npos) return opening;
  if (end > at) {
    opening.key = data.substr(at + 1, end - at - 1);
    at = skip_filler(data, end + 1, false);
    if (at >= data.size()) return opening;
    if (data[at] == ':') {
      at = skip_filler(data, at + 1, false);
      if (at >= data.size()) return opening;
      if (data[at] == '[') opening.array = at + 1;
    }
  }
  opening.undecided = false;
  return opening;
}

/// The length of the string, number or container at the beginning of `data`.
size_t value_length(std::string_view data) {
  if (data.starts_with('{') || data.starts_with('[')) return find_value_end(data, 0);
  if (!data.starts_with('"')) return std::min(data.find_first_of(",}"), data.size());
  size_t end = 1;
  while (end < data.size() && data[end] != '"')
    end += data[end] == '\\' ? 2u : 1u;
  return end < data.size() ? end + 1 : std::string_view::npos;
}

/// True when the whole object `document` has only paging keys after the array at `array`.
bool only_paging_beside(std::string_view document, size_t array) {
  const size_t length = find_value_end(document.substr(array), 1);
  if (length == std::string_view::npos) return false;
  std::string_view rest = document.substr(array + length);
  for (;;) {
    rest.remove_prefix(skip_filler(rest, 0, true));
    if (rest.starts_with('}')) return true;
    const size_t key_length = value_length(rest);
    if (!rest.starts_with('"') || key_length == std::string_view::npos ||
        !one_of(kPagingKeys, rest.substr(1, key_length - 2))) {
      return false;
    }
    rest.remove_prefix(skip_filler(rest, key_length, false));
    if (!rest.starts_with(':')) return false;
    rest.remove_prefix(skip_filler(rest, 1, false));
    const size_t length_of_value = value_length(rest);
    if (length_of_value == std::string_view::npos) return false;
    rest.remove_prefix(length_of_value);
  }
}

/// How the record at the beginning of `data` begins, up to the end of its first key; empty when
/// that is damaged.
std::string_view head_of(std::string_view data) {
  const std::string_view key = read_opening(data, true).key;
  if (key.empty()) return {};
  return data.substr(0, static_cast<size_t>(key.data() + key.size() + 1 - data.data()));
}

/// Where `head` stands after the end of a record or of a line, looked for from data[1] on; or npos.
size_t find_head(std::string_view data, std::string_view head, bool in_list) {
  const auto follows_a_record = [&](size_t at) {
    size_t before = at;
    while (before > 1 &&
           (is_ascii_space(data[before - 1]) || (in_list && data[before - 1] == ','))) {
      --before;
    }
    return data[before - 1] == '}' || data.substr(before, at - before).find('\n') != data.npos;
  };
  size_t at = head.empty() ? std::string_view::npos : data.find(head, 1);
  while (at != std::string_view::npos && !follows_a_record(at))
    at = data.find(head, at + 1);
  return at;
}

/// Where the next record after the damaged one at the beginning of `data` begins, or npos: the next
/// that begins like it. Its first key may be what is damaged: once all data is there, any object
/// that follows will do.
size_t next_like_it(std::string_view data, bool in_list, bool last) {
  const size_t same = find_head(data, head_of(data), in_list);
  return same == std::string_view::npos && last ? find_head(data, "{\"", in_list) : same;
}

/// Where text that is no JSON value ends: after the line, or before the next opening brace.
size_t garbage_end(std::string_view data, size_t at) {
  const size_t end = data.find_first_of("\n{", at + 1);
  if (end == std::string_view::npos) return data.size();
  return data[end] == '\n' ? end + 1 : end;
}

}  // namespace

bool begins_like_list(std::string_view document) {
  if (document.starts_with('[')) return true;
  const Opening opening = read_opening(document, true);
  return opening.array > 0 &&
         (one_of(kWrapperKeys, opening.key) || one_of(kGenericKeys, opening.key));
}

void JsonCutter::cut(std::string_view data, bool last, CutResult& result) {
  result.clear();
  if (!started_ && !data.empty()) {
    started_ = true;
    json_lines_ = looks_like_json_lines(data.substr(0, kLinesProbe));
  }
  size_t at = 0;
  while (step(data, last, at, result)) {
  }
  result.consumed = at;
}

/// A hole in the file, as a log that was truncated while it was written has: lost data, counted.
bool JsonCutter::skip_nuls(std::string_view data, size_t& at, CutResult& result) {
  if (data[at] != '\0') return in_nuls_ = false;
  if (!in_nuls_) result.rejects.push_back({at, "NUL bytes between records"});
  at = std::min(data.find_first_not_of('\0', at), data.size());
  return in_nuls_ = true;
}

/// Steps into the list of records that the document at `at` wraps; false when it wraps none, or
/// when more bytes are needed to tell.
bool JsonCutter::enter_wrapper(std::string_view data, bool last, size_t& at, bool& undecided) {
  std::string_view document = data.substr(at);
  const Opening opening = read_opening(document, last);
  undecided = opening.undecided;
  if (undecided || opening.array == 0) return false;
  if (one_of(kGenericKeys, opening.key)) {
    const size_t line = json_lines_ ? document.find('\n') : std::string_view::npos;
    document = document.substr(0, line);
    const size_t length = find_value_end(document, 0);
    undecided = length == std::string_view::npos && line == std::string_view::npos && !last;
    if (undecided) return false;
    if (length != std::string_view::npos &&
        !only_paging_beside(document.substr(0, length), opening.array)) {
      return false;
    }
  } else if (!one_of(kWrapperKeys, opening.key)) {
    return false;
  }
  state_ = State::kWrapper;
  at += opening.array;
  return true;
}

/// Advances `at` past one record, bracket or piece of garbage; false when nothing more can be cut.
bool JsonCutter::step(std::string_view data, bool last, size_t& at, CutResult& result) {
  at = skip_filler(data, at, in_list());
  if (at >= data.size()) return false;
  if (skip_nuls(data, at, result)) return true;

  if (state_ == State::kTail) {  // the rest of the wrapper object: nothing of interest
    const size_t length = find_value_end(data.substr(at), 1);
    if (length == std::string_view::npos) {
      if (!last) return false;
      result.rejects.push_back({at, "truncated document: the closing brace is missing"});
      at = data.size();
      return false;
    }
    at += length;
    state_ = State::kTop;
    return true;
  }

  const char c = data[at];
  if (c == ']' && state_ != State::kTop) {
    state_ = state_ == State::kWrapper ? State::kTail : State::kTop;
    ++at;
    return true;
  }
  if (c == '[' && state_ == State::kTop) {
    if (is_text_ && is_text_(data.substr(at))) return pass_line(data, last, at, result);
    state_ = State::kArray;
    ++at;
    return true;
  }
  if (c != '{') return pass_line(data, last, at, result);
  if (state_ == State::kTop) {
    bool undecided = false;
    if (enter_wrapper(data, last, at, undecided)) return true;
    if (undecided) return false;
    if (json_lines_) {
      const size_t end = data.find('\n', at);
      if (end != std::string_view::npos) {
        const std::string_view line = trim(data.substr(at, end - at));
        result.records.push_back({at, line.size()});
        at = end + 1;
        return true;
      }
      if (!last) return false;
    }
  }
  return cut_value(data, last, at, result);
}

/// Where no value begins: what a shipper put before one is passed over, a line of a text format is
/// left to the caller, the rest is rejected up to the line end or the next opening brace.
bool JsonCutter::pass_line(std::string_view data, bool last, size_t& at, CutResult& result) {
  if (state_ == State::kTop) {
    const std::string_view rest = data.substr(at);
    const size_t line_end = rest.find('\n');
    if (line_end == std::string_view::npos && !last && rest.size() < kLongestStray) return false;
    if (is_text_ && is_text_(rest)) {
      result.left = true;
      return false;
    }
    const std::string_view line = rest.substr(0, line_end);
    if (const size_t prefix = json_prefix(line); prefix > 0) {
      at += prefix;
      return true;
    }
    if (const Remnant remnant = remnant_of(line); remnant != Remnant::kNone) {
      if (remnant == Remnant::kPart)
        result.rejects.push_back({at, "part of a line that the container runtime split"});
      at += line.size();
      return true;
    }
  }
  const size_t end = garbage_end(data, at);
  if (end == data.size() && !last && data.size() - at < 4096) return false;
  result.rejects.push_back({at, "not a JSON object"});
  at = end;
  return true;
}

bool JsonCutter::cut_value(std::string_view data, bool last, size_t& at, CutResult& result) {
  const std::string_view rest = data.substr(at);
  const size_t length = find_value_end(rest, 0);
  if (length == std::string_view::npos && !last) return false;
  // A lost quote or bracket shows in where the record seems to end.
  bool whole = length != std::string_view::npos && rest[length - 1] == '}';
  if (whole && in_list()) {
    const size_t next = skip_filler(rest, length, false);
    if (next == rest.size() && !last) return false;
    whole = next == rest.size() || one_of(std::string_view(",]{\0", 4), rest[next]);
  }
  const size_t resume = whole ? std::string_view::npos : next_like_it(rest, in_list(), last);
  if (!whole && resume == std::string_view::npos && !last) return false;
  if (resume != std::string_view::npos) {
    result.rejects.push_back({at, "damaged record: it has no end; given up at the next record"});
    at += resume;
    return true;
  }
  if (length == std::string_view::npos) {
    result.rejects.push_back({at, "truncated record: the input ends inside it"});
    at = data.size();
    return false;
  }
  result.records.push_back({at, length});
  at += length;
  return true;
}

void JsonCutter::give_up(std::string_view data, CutResult& result) {
  result.clear();
  const Opening opening = read_opening(data, true);
  if (state_ == State::kTop && opening.array > 0) {  // too long to see what stands beside the list
    state_ = State::kWrapper;
    result.consumed = opening.array;
    return;
  }
  result.rejects.push_back({0, "record longer than 64 MiB"});
  if (state_ == State::kTail) state_ = State::kTop;
  head_ = head_of(data).substr(0, kLongestHead);
  skip(data, result);
}

bool JsonCutter::skip(std::string_view data, CutResult& result) {
  const size_t line = data.find('\n');
  const size_t like = find_head(data, head_, in_list());
  const bool found = std::min(line, like) != std::string_view::npos;
  // What may be the beginning of a head, and the brace before it, is presented again.
  const size_t kept = std::min(data.size(), head_.size() + kWrapperProbe);
  result.consumed = !found ? data.size() - kept : like < line ? like : line + 1;
  return found;
}

}  // namespace davy::decode
