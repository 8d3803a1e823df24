// SPDX-License-Identifier: Apache-2.0
// Walks one JSON record once and fills the slots somebody asked for.
//
// The schema's paths are compiled into a trie; the walk follows only keys that the trie knows and
// skips everything else without unescaping it. Arrays are transparent ("items.name" gives one value
// per element); "items[0].name" picks one element. A key that itself contains dots
// ("proc.cmdline") is followed as if it were nested, so both spellings work.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/arena.h"
#include "davy/decode/json_shape.h"
#include "davy/event/field.h"

namespace davy::decode {

enum class KeyCase {
  kExact,
  kFoldFirst,  ///< "AccountId" and "accountId" are one key (GuardDuty through an SDK)
};

/// The per-worker JSON parser; wraps simdjson so that no header includes it.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  struct Rep;
  Rep& rep() { return *rep_; }

 private:
  std::unique_ptr<Rep> rep_;
};

class JsonWalker {
 public:
  explicit JsonWalker(const event::Schema& schema, KeyCase key_case = KeyCase::kExact);
  ~JsonWalker();

  /// Fills `fields` (reset by the caller) from `json`, which must be followed by
  /// RawRecord::kPadding readable bytes. Returns empty, or why the record is not valid JSON.
  std::string_view walk(std::string_view json, JsonParser& parser, event::Fields& fields) const;

 private:
  struct Rep;
  std::unique_ptr<const Rep> rep_;
};

/// walk()'s answer when the record holds more than one JSON value; nothing of the rest was read.
inline constexpr std::string_view kTrailingContent = "more than one JSON value in the record";

/// Deepest nesting that is followed; deeper values are left out.
inline constexpr int kMaxJsonDepth = 128;

/// The top-level members of a JSON object; empty for anything else or on a parse error. Same
/// padding rule as walk(). Views are into `json`.
JsonShape read_shape(std::string_view json, JsonParser& parser);

/// Calls `each` with the raw JSON of every element of the array `json`, or of the one value when
/// it is no array. Returns empty, or why it is not valid JSON. `parser` must not be the one whose
/// document `each` reads.
std::string_view for_each_element(std::string_view json, JsonParser& parser,
                                  const std::function<void(std::string_view)>& each);

/// The unescaped text of a raw JSON string token (quotes included), put in `arena` when it has
/// escapes; empty when it is malformed.
std::string_view unescape_json(std::string_view raw, Arena& arena);

}  // namespace davy::decode
