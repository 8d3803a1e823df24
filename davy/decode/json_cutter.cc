// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_cutter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "davy/base/text.h"

namespace davy::decode {
namespace {

/// Keys whose array value holds the records when they come first in a document.
constexpr std::array<std::string_view, 8> kWrapperKeys = {
    "Records", "records", "Findings", "findings", "Events", "events", "items", "value"};

/// Longest prefix that decides whether a document is a wrapper.
constexpr size_t kWrapperProbe = 128;

/// One 64-byte block as bit masks, bit i for byte i.
struct BlockMasks {
  uint64_t quote = 0;
  uint64_t backslash = 0;
  uint64_t open = 0;   ///< '{' or '['
  uint64_t close = 0;  ///< '}' or ']'
};

#if defined(__SSE2__)
BlockMasks read_block(const char* p) {
  BlockMasks masks;
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  // '[' | 0x20 == '{' and ']' | 0x20 == '}': one compare finds both brackets.
  const __m128i lower = _mm_set1_epi8(0x20);
  const __m128i open = _mm_set1_epi8('{');
  const __m128i close = _mm_set1_epi8('}');
  for (unsigned i = 0; i < 4; ++i) {
    __m128i bytes;
    std::memcpy(&bytes, p + 16 * i, sizeof bytes);
    const __m128i folded = _mm_or_si128(bytes, lower);
    const auto mask = [&](__m128i a, __m128i b) {
      return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b))))
             << (16 * i);
    };
    masks.quote |= mask(bytes, quote);
    masks.backslash |= mask(bytes, backslash);
    masks.open |= mask(folded, open);
    masks.close |= mask(folded, close);
  }
  return masks;
}
#else
BlockMasks read_block(const char* p) {
  BlockMasks masks;
  for (unsigned i = 0; i < 64; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    switch (p[i]) {
      case '"': masks.quote |= bit; break;
      case '\\': masks.backslash |= bit; break;
      case '{':
      case '[': masks.open |= bit; break;
      case '}':
      case ']': masks.close |= bit; break;
      default: break;
    }
  }
  return masks;
}
#endif

/// Follows strings and escapes across blocks.
class StringTracker {
 public:
  /// Bits that lie inside a string, opening quote included.
  uint64_t inside(const BlockMasks& masks) {
    const uint64_t quotes = masks.quote & ~escaped(masks.backslash);
    uint64_t inside = quotes;  // prefix XOR: every bit after an odd number of quotes
    for (unsigned shift = 1; shift < 64; shift *= 2)
      inside ^= inside << shift;
    inside ^= carried_string_;
    carried_string_ = (inside >> 63) != 0 ? ~uint64_t{0} : 0;
    return inside;
  }

 private:
  /// Bits that follow an odd run of backslashes.
  uint64_t escaped(uint64_t backslash) {
    if (backslash == 0 && !carried_escape_) return 0;
    uint64_t result = 0;
    bool escape = carried_escape_;
    if (escape) result = 1;
    uint64_t rest = escape ? backslash & ~uint64_t{1} : backslash;
    escape = false;
    while (rest != 0) {
      const int at = std::countr_zero(rest);
      if (at == 63) {
        escape = true;
        break;
      }
      result |= uint64_t{2} << at;
      rest &= ~(uint64_t{3} << at);
    }
    carried_escape_ = escape;
    return result;
  }

  uint64_t carried_string_ = 0;
  bool carried_escape_ = false;
};

size_t skip_filler(std::string_view data, size_t at, bool commas) {
  while (at < data.size() &&
         (is_ascii_space(data[at]) || data[at] == '\0' || (commas && data[at] == ','))) {
    ++at;
  }
  return at;
}

/// JSON Lines when the first line that starts an object also ends it. Up to two lines of something
/// else may stand before: damage at the beginning must not cost the rest.
bool looks_like_json_lines(std::string_view data) {
  for (int i = 0; i < 3 && !data.empty(); ++i) {
    const size_t end = data.find('\n');
    if (end == std::string_view::npos) return false;
    const std::string_view line = trim(data.substr(0, end));
    if (line.starts_with('{')) return line.size() > 2 && line.back() == '}';
    data.remove_prefix(end + 1);
  }
  return false;
}

/// The position after `{"Records":[` when `data` starts so, 0 when it does not, npos when more
/// bytes are needed to tell.
size_t wrapper_prefix(std::string_view data, bool last) {
  size_t at = skip_filler(data, 1, false);
  const auto undecided = [&] {
    return !last && data.size() < kWrapperProbe ? std::string_view::npos : size_t{0};
  };
  if (at >= data.size()) return undecided();
  if (data[at] != '"') return 0;
  const size_t end = data.find('"', at + 1);
  if (end == std::string_view::npos) return undecided();
  const std::string_view key = data.substr(at + 1, end - at - 1);
  if (std::find(kWrapperKeys.begin(), kWrapperKeys.end(), key) == kWrapperKeys.end()) return 0;
  at = skip_filler(data, end + 1, false);
  if (at >= data.size()) return undecided();
  if (data[at] != ':') return 0;
  at = skip_filler(data, at + 1, false);
  if (at >= data.size()) return undecided();
  return data[at] == '[' ? at + 1 : 0;
}

/// Where text that is no JSON value ends: after the line, or before the next opening brace.
size_t garbage_end(std::string_view data, size_t at) {
  const size_t end = data.find_first_of("\n{", at + 1);
  if (end == std::string_view::npos) return data.size();
  return data[end] == '\n' ? end + 1 : end;
}

}  // namespace

size_t find_value_end(std::string_view data, int depth, bool& too_deep) {
  StringTracker strings;
  alignas(16) char padded[64];
  for (size_t base = 0; base < data.size(); base += 64) {
    const char* block = data.data() + base;
    if (data.size() - base < 64) {
      std::memset(padded, ' ', sizeof padded);
      std::memcpy(padded, block, data.size() - base);
      block = padded;
    }
    const BlockMasks masks = read_block(block);
    const uint64_t outside = ~strings.inside(masks);
    const uint64_t open = masks.open & outside;
    const uint64_t close = masks.close & outside;
    const int closes = std::popcount(close);
    if (depth > closes) {  // cannot end here, whatever the order
      depth += std::popcount(open) - closes;
    } else {
      for (uint64_t both = open | close; both != 0; both &= both - 1) {
        const int at = std::countr_zero(both);
        depth += (open >> at & 1) != 0 ? 1 : -1;
        if (depth == 0) return base + static_cast<size_t>(at) + 1;
      }
    }
    if (depth > kMaxCutDepth) too_deep = true;
  }
  return std::string_view::npos;
}

void JsonCutter::cut(std::string_view data, bool last, CutResult& result) {
  result.clear();
  if (!started_ && !data.empty()) {
    started_ = true;
    json_lines_ = looks_like_json_lines(data);
  }
  size_t at = 0;
  while (step(data, last, at, result)) {
  }
  result.consumed = at;
}

/// Advances `at` past one record, bracket or piece of garbage; false when nothing more can be cut.
bool JsonCutter::step(std::string_view data, bool last, size_t& at, CutResult& result) {
  at = skip_filler(data, at, state_ == State::kArray || state_ == State::kWrapper);
  if (at >= data.size()) return false;

  if (state_ == State::kTail) {  // the rest of the wrapper object: nothing of interest
    bool too_deep = false;
    const size_t length = find_value_end(data.substr(at), 1, too_deep);
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
    state_ = State::kArray;
    ++at;
    return true;
  }
  if (c != '{') {
    const size_t end = garbage_end(data, at);
    if (end == data.size() && !last && data.size() - at < 4096) return false;
    result.rejects.push_back({at, "not a JSON object"});
    at = end;
    return true;
  }
  if (state_ == State::kTop) {
    const size_t inside = wrapper_prefix(data.substr(at), last);
    if (inside == std::string_view::npos) return false;
    if (inside > 0) {
      state_ = State::kWrapper;
      at += inside;
      return true;
    }
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

  bool too_deep = false;
  const size_t length = find_value_end(data.substr(at), 0, too_deep);
  if (length == std::string_view::npos) {
    if (!last) return false;
    result.rejects.push_back({at, "truncated record: the input ends inside it"});
    at = data.size();
    return false;
  }
  if (too_deep) {
    result.rejects.push_back({at, "nested more than 1000 levels deep"});
  } else {
    result.records.push_back({at, length});
  }
  at += length;
  return true;
}

}  // namespace davy::decode
