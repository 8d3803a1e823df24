// SPDX-License-Identifier: Apache-2.0
// Cuts a stream of JSON into records, whatever its layout: one document, an array, JSON Lines,
// concatenated or pretty-printed values, and the wrappers of section G of the format reference
// ({"Records":[…]}, {"Findings":[…]}, …), whose elements are the records. A document is never held
// whole: only a record is.
//
// How: a block scanner (64 bytes a step) finds quotes, escapes and brackets as bit masks, so the
// end of a value costs a fraction of parsing it. Streams that look like JSON Lines are cut at line
// ends, which also keeps one corrupt line from swallowing the next.
//
// **Every byte is consumed exactly once: as part of a record, as filler between records, or in a
// rejection with its offset.** json_cutter_test.cc holds that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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
  void clear() {
    records.clear();
    rejects.clear();
    consumed = 0;
  }
};

/// Nesting beyond this is hostile; the value is rejected whole.
inline constexpr int kMaxCutDepth = 1000;

class JsonCutter {
 public:
  /// Cuts what is complete in `data`; `last` says that no more bytes will come. `result` is reset.
  void cut(std::string_view data, bool last, CutResult& result);

  /// Tells the cutter that the caller dropped an overlong record up to a line end.
  void resync() { state_ = State::kTop; }

 private:
  enum class State : uint8_t {
    kTop,      ///< between top-level values
    kArray,    ///< inside a top-level array
    kWrapper,  ///< inside the array of {"Records":[…
    kTail,     ///< after that array, before the wrapper's closing brace
  };

  bool step(std::string_view data, bool last, size_t& at, CutResult& result);

  State state_ = State::kTop;
  bool started_ = false;
  bool json_lines_ = false;
};

/// The length of the JSON value that starts at data[0], or npos when it is incomplete. `depth` is
/// how many brackets are already open. Sets `too_deep` when nesting passes kMaxCutDepth.
size_t find_value_end(std::string_view data, int depth, bool& too_deep);

}  // namespace davy::decode
