// SPDX-License-Identifier: Apache-2.0
// Cuts a stream of JSON into records, whatever its layout: one document, an array, JSON Lines,
// concatenated or pretty-printed values, and the wrappers of section G of the format reference
// ({"Records":[…]}, {"Findings":[…]}, …), whose elements are the records. A document is never held
// whole: only a record is.
//
// Streams that look like JSON Lines are cut at line
// ends, which also keeps one corrupt line from swallowing the next. Elsewhere a record that does
// not end, or not where its list goes on, is given up at the next record that begins like it.
//
// **Every byte is consumed exactly once: as part of a record, as filler between records, or in a
// rejection with its offset.** json_cutter_test.cc holds that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace davy::decode {

/// Part of the presented data that is one record.
struct Cut {
  size_t begin = 0;
  size_t length = 0;
};

/// Part of the presented data that cannot be a record. `reason` is a literal.
struct CutReject {
  size_t begin = 0;
  std::string_view reason;
};

/// What one call found.
struct CutResult {
  std::vector<Cut> records;
  std::vector<CutReject> rejects;
  size_t consumed = 0;  ///< the caller presents the rest again, followed by more bytes
  bool left = false;    ///< what follows is not JSON, as leave_where() said
  void clear() {
    records.clear();
    rejects.clear();
    consumed = 0;
    left = false;
  }
};

class JsonCutter {
 public:
  /// Asks about text between top-level values, from a whole line's beginning to the end of the
  /// data: true when the line is of a text format. Cutting stops there instead of rejecting it.
  void leave_where(std::function<bool(std::string_view data)> is_text) {
    is_text_ = std::move(is_text);
  }

  /// Cuts what is complete in `data`; `last` says that no more bytes will come. `result` is reset.
  void cut(std::string_view data, bool last, CutResult& result);

  /// Gives up the record that begins `data`, which has become too long, and consumes part of it. A
  /// list of records that may be a record itself is taken for a list instead: nothing is rejected.
  void give_up(std::string_view data, CutResult& result);
  /// After give_up() rejected one: consumes more of it, up to the next record that begins like it
  /// or a line end. True when there is one and cutting can go on.
  bool skip(std::string_view data, CutResult& result);

 private:
  enum class State : uint8_t {
    kTop,      ///< between top-level values
    kArray,    ///< inside a top-level array
    kWrapper,  ///< inside the array of {"Records":[…
    kTail,     ///< after that array, before the wrapper's closing brace
  };

  bool step(std::string_view data, bool last, size_t& at, CutResult& result);
  bool cut_value(std::string_view data, bool last, size_t& at, CutResult& result);
  bool skip_nuls(std::string_view data, size_t& at, CutResult& result);
  bool enter_wrapper(std::string_view data, bool last, size_t& at, bool& undecided);
  bool pass_line(std::string_view data, bool last, size_t& at, CutResult& result);
  bool in_list() const { return state_ == State::kArray || state_ == State::kWrapper; }

  std::function<bool(std::string_view)> is_text_;
  State state_ = State::kTop;
  bool started_ = false;
  bool json_lines_ = false;
  std::string head_;      ///< how the record being skipped begins
  bool in_nuls_ = false;  ///< the bytes consumed last are a run of NULs, already counted
};

/// Whether a document may be a list of records: an array, or an object whose first key wraps one.
bool begins_like_list(std::string_view document);

}  // namespace davy::decode
