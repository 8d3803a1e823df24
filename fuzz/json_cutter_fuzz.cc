// SPDX-License-Identifier: Apache-2.0
// Any bytes through the cutter: presented whole, and byte by byte as a slow pipe would. Records lie
// in order inside the data and do not overlap; every call that has all bytes consumes them all;
// what is cut does not depend on how the bytes arrive when the layout is settled by the first ones.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "davy/decode/json_brackets.h"
#include "davy/decode/json_cutter.h"

namespace {

using davy::decode::CutResult;
using davy::decode::JsonCutter;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Records and rejects lie in [0, consumed], in order, records apart from each other.
void check_places(std::string_view data, const CutResult& result) {
  require(result.consumed <= data.size());
  size_t free_from = 0;
  for (const davy::decode::Cut& cut : result.records) {
    require(cut.begin >= free_from && cut.length > 0);
    require(cut.length <= result.consumed && cut.begin <= result.consumed - cut.length);
    require(data[cut.begin] == '{');
    free_from = cut.begin + cut.length;
  }
  size_t last = 0;
  for (const davy::decode::CutReject& reject : result.rejects) {
    require(reject.begin >= last && reject.begin < data.size() && !reject.reason.empty());
    last = reject.begin;
  }
}

/// Presents `data` in growing pieces; returns how many bytes were consumed.
size_t cut_in_pieces(std::string_view data, size_t piece) {
  JsonCutter cutter;
  CutResult result;
  size_t consumed = 0;
  for (size_t end = 0; consumed < data.size();) {
    end = end + piece < data.size() ? end + piece : data.size();
    const bool last = end == data.size();
    const std::string_view shown = data.substr(consumed, end - consumed);
    cutter.cut(shown, last, result);
    check_places(shown, result);
    consumed += result.consumed;
    if (last) break;
  }
  return consumed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 1 << 16) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(cut_in_pieces(text, size) == size);
  // A piece per byte is quadratic, so long inputs come in larger ones.
  require(cut_in_pieces(text, 1 + size / 64) == size);

  const size_t end = davy::decode::find_value_end(text, 0);
  require(end == std::string_view::npos || end <= size);
  return 0;
}
