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
#include "davy/decode/json_repair.h"
#include "davy/decode/json_shape.h"
#include "davy/event/field.h"

namespace davy::decode {

enum class KeyCase {
  kExact,
  kFoldFirst,  ///< "AccountId" and "accountId" are one key (GuardDuty through an SDK)
};

/// Fields by which a record is known to be of the format it is decoded as, without asking the
/// other formats.
struct Expectation {
  std::vector<event::Slot> strings;  ///< all are there, as strings
  std::vector<event::Slot> absent;   ///< none is there: another format would be asked first

  bool met(const event::Fields& fields) const;
};

/// The per-worker JSON parser; wraps simdjson so that no header includes it.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  struct Rep;
  Rep& rep() { return *rep_; }

  /// What walk() has to find in the next records; null: nothing.
  const Expectation* expectation = nullptr;
  /// How walk() goes on at escapes that stand for no character; null: such a record is damaged.
  JsonRepair* repair = nullptr;

 private:
  std::unique_ptr<Rep> rep_;
};

class JsonWalker {
 public:
  explicit JsonWalker(const event::Schema& schema, KeyCase key_case = KeyCase::kExact);
  ~JsonWalker();

  /// Fills `fields` (reset by the caller) from `json`, which must be followed by
  /// RawRecord::kPadding readable bytes. Returns empty, or why the record is not valid JSON, or
  /// kUnexpected when it is not surely what the parser expects.
  std::string_view walk(std::string_view json, JsonParser& parser, event::Fields& fields) const;

 private:
  std::string_view walk_all(std::string_view json, JsonParser& parser, event::Fields& fields) const;
  std::string_view walk_repaired(std::string_view json, JsonParser& parser,
                                 event::Fields& fields) const;

  struct Rep;
  std::unique_ptr<const Rep> rep_;
};

/// walk()'s answer when the record holds more than one JSON value; nothing of the rest was read.
inline constexpr std::string_view kTrailingContent = "more than one JSON value in the record";

/// walk()'s answer when the record may be of another format, or is damaged.
inline constexpr std::string_view kUnexpected = "not surely of the expected format";

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
