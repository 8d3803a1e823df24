// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/modifiers.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/yaml.h"
#include "davy/sigma/internal/encode.h"
#include "davy/sigma/internal/value.h"

namespace davy::sigma::internal {

namespace {
/// What a modifier is for. Those before kExtent decide what is compared; a key has at most one of
/// them, except that a time part may be compared.
enum class Role : uint8_t {
  kRegex,
  kNetwork,
  kCompare,
  kTimePart,
  kExists,
  kFieldRef,
  kExtent,
  kAll,
  kNot,
  kCased,
  kRegexFlag,
  kEncode,
  kExpand,
};
constexpr size_t kOperations = static_cast<size_t>(Role::kExtent);
enum class Encoding : uint8_t {
  kBase64,
  kBase64Offset,
  kUtf16Little,
  kUtf16Big,
  kUtf16Mark,
  kWindash
};

constexpr uint32_t bit(Role role) {
  return 1u << static_cast<uint32_t>(role);
}

/// Roles that may accompany each operation, in Role order; the last row is plain comparison.
constexpr std::array<uint32_t, kOperations + 1> kCompanions = {
    bit(Role::kExtent) | bit(Role::kAll) | bit(Role::kNot) | bit(Role::kRegexFlag),
    bit(Role::kAll) | bit(Role::kNot) | bit(Role::kExpand),
    bit(Role::kAll) | bit(Role::kNot) | bit(Role::kTimePart),
    bit(Role::kAll) | bit(Role::kNot) | bit(Role::kCompare),
    0,
    bit(Role::kExtent) | bit(Role::kAll) | bit(Role::kNot) | bit(Role::kCased),
    bit(Role::kExtent) | bit(Role::kAll) | bit(Role::kNot) | bit(Role::kCased) |
        bit(Role::kEncode) | bit(Role::kExpand),
};

template <typename E>
constexpr uint8_t code(E value) {
  return static_cast<uint8_t>(value);
}
}  // namespace

struct Modifier {
  std::string_view name;
  Role role;
  uint8_t detail;  ///< an Extent, Comparison, TimePart or Encoding, or a flag's letter
};

namespace {

constexpr Modifier kModifiers[] = {
    {"all", Role::kAll, 0},
    {"base64", Role::kEncode, code(Encoding::kBase64)},
    {"base64offset", Role::kEncode, code(Encoding::kBase64Offset)},
    {"cased", Role::kCased, 0},
    {"cidr", Role::kNetwork, 0},
    {"contains", Role::kExtent, code(Extent::kAnywhere)},
    {"day", Role::kTimePart, code(TimePart::kDay)},
    {"dotall", Role::kRegexFlag, 's'},
    {"endswith", Role::kExtent, code(Extent::kEnd)},
    {"exists", Role::kExists, 0},
    {"expand", Role::kExpand, 0},
    {"fieldref", Role::kFieldRef, 0},
    {"gt", Role::kCompare, code(Comparison::kGreater)},
    {"gte", Role::kCompare, code(Comparison::kGreaterOrEqual)},
    {"hour", Role::kTimePart, code(TimePart::kHour)},
    {"i", Role::kRegexFlag, 'i'},
    {"ignorecase", Role::kRegexFlag, 'i'},
    {"lt", Role::kCompare, code(Comparison::kLess)},
    {"lte", Role::kCompare, code(Comparison::kLessOrEqual)},
    {"m", Role::kRegexFlag, 'm'},
    {"minute", Role::kTimePart, code(TimePart::kMinute)},
    {"month", Role::kTimePart, code(TimePart::kMonth)},
    {"multiline", Role::kRegexFlag, 'm'},
    {"neq", Role::kNot, 0},
    {"re", Role::kRegex, 0},
    {"s", Role::kRegexFlag, 's'},
    {"startswith", Role::kExtent, code(Extent::kStart)},
    {"utf16", Role::kEncode, code(Encoding::kUtf16Mark)},
    {"utf16be", Role::kEncode, code(Encoding::kUtf16Big)},
    {"utf16le", Role::kEncode, code(Encoding::kUtf16Little)},
    {"week", Role::kTimePart, code(TimePart::kWeek)},
    {"wide", Role::kEncode, code(Encoding::kUtf16Little)},
    {"windash", Role::kEncode, code(Encoding::kWindash)},
    {"year", Role::kTimePart, code(TimePart::kYear)},
};

const Modifier* find_role(const FieldKey& key, Role role) {
  const auto found = std::find_if(key.chain.begin(), key.chain.end(),
                                  [&](const Modifier* m) { return m->role == role; });
  return found == key.chain.end() ? nullptr : *found;
}

/// Row of kCompanions: the key's operation, or kOperations for plain comparison.
size_t operation_of(const FieldKey& key) {
  // A compared time part is a time part; asked for first because both are operations.
  if (find_role(key, Role::kTimePart)) return static_cast<size_t>(Role::kTimePart);
  for (const Modifier* modifier : key.chain) {
    if (static_cast<size_t>(modifier->role) < kOperations)
      return static_cast<size_t>(modifier->role);
  }
  return kOperations;
}

void check_chain(Reader& reader, const YamlNode& at, const FieldKey& key) {
  const size_t operation = operation_of(key);
  uint32_t seen = 0;
  for (size_t i = 0; i < key.chain.size(); ++i) {
    const Modifier& modifier = *key.chain[i];
    const bool itself = static_cast<size_t>(modifier.role) == operation;
    const bool repeated = itself && (seen & bit(modifier.role)) != 0;
    if (repeated || (!itself && (kCompanions[operation] & bit(modifier.role)) == 0)) {
      reader.refuse("DVY-R012", at,
                    fmt::format("'|{}' does not go with the other modifiers of '{}'", modifier.name,
                                printable(at.text(), 80)));
      return;
    }
    if (modifier.role == Role::kRegex && i != 0) {
      reader.refuse("DVY-R012", at, "'|re' has to be the first modifier");
      return;
    }
    seen |= bit(modifier.role);
  }
}

void refuse_value(Reader& reader, const YamlNode& at, std::string_view wanted) {
  reader.refuse("DVY-R013", at,
                fmt::format("the value '{}' does not fit its modifiers: {} is wanted",
                            at.is_scalar() ? printable(at.text(), 60) : "null", wanted));
}

/// `%name%` at `position` of `text`: its name, or empty.
std::string_view placeholder_at(std::string_view text, size_t position) {
  const size_t end = text.find('%', position + 1);
  if (end == text.npos) return {};
  const std::string_view name = text.substr(position + 1, end - position - 1);
  const bool word = std::all_of(name.begin(), name.end(), [](char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_';
  });
  return word ? name : std::string_view{};
}

/// Appends to every draft what `text` stands for: one draft per value of each placeholder in it.
bool expand_text(Reader& reader, const YamlNode& at, std::string_view text,
                 std::vector<Pattern>& drafts) {
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '%') {
      for (Pattern& draft : drafts)
        draft.add_text("%");
      i += 2;
      continue;
    }
    const std::string_view name = text[i] == '%' ? placeholder_at(text, i) : std::string_view{};
    if (name.empty()) {
      for (Pattern& draft : drafts)
        draft.add_text(text.substr(i, 1));
      ++i;
      continue;
    }
    const std::vector<std::string>* values = reader.placeholder(name);
    if (values == nullptr || values->empty()) {
      reader.refuse("DVY-R015", at, fmt::format("the placeholder %{}% has no values", name),
                    "give it values in the configuration, or leave the rule out");
      return false;
    }
    std::vector<Pattern> longer;
    for (const Pattern& draft : drafts) {
      for (const std::string& value : *values) {
        if (!reader.spend(at)) return false;
        longer.push_back(draft);
        longer.back().append(parse_pattern(value));
      }
    }
    drafts = std::move(longer);
    i += name.size() + 2;
  }
  return true;
}

bool expand(Reader& reader, const YamlNode& at, std::vector<Pattern>& drafts) {
  std::vector<Pattern> expanded;
  for (const Pattern& draft : drafts) {
    std::vector<Pattern> grown(1);
    for (const Pattern::Part& part : draft.parts) {
      if (part.kind != Pattern::Kind::kText) {
        for (Pattern& pattern : grown)
          pattern.add(part.kind);
      } else if (!expand_text(reader, at, part.text, grown)) {
        return false;
      }
    }
    expanded.insert(expanded.end(), grown.begin(), grown.end());
  }
  drafts = std::move(expanded);
  return true;
}

/// What one encoding makes of a pattern; empty when it cannot be done.
std::vector<Pattern> encode(const Pattern& pattern, Encoding encoding) {
  std::vector<Pattern> encoded;
  const auto one = [&](std::optional<Pattern> result) {
    if (result) encoded.push_back(*std::move(result));
  };
  switch (encoding) {
    case Encoding::kWindash: one(with_option_dashes(pattern)); break;
    case Encoding::kUtf16Little: one(to_utf16(pattern, Utf16::kLittle)); break;
    case Encoding::kUtf16Big: one(to_utf16(pattern, Utf16::kBig)); break;
    case Encoding::kUtf16Mark: one(to_utf16(pattern, Utf16::kLittleWithMark)); break;
    case Encoding::kBase64:
    case Encoding::kBase64Offset: {
      if (pattern.has_wildcards() || pattern.parts.empty()) break;
      const std::string& bytes = pattern.parts.front().text;
      const std::vector<std::string> spellings = encoding == Encoding::kBase64
                                                     ? std::vector<std::string>{base64(bytes)}
                                                     : base64_at_offsets(bytes);
      for (const std::string& spelling : spellings) {
        Pattern text;
        text.add_text(spelling);
        one(std::move(text));
      }
      break;
    }
  }
  return encoded;
}

void open(Extent extent, Pattern& pattern) {
  if (extent == Extent::kAnywhere || extent == Extent::kEnd) pattern.open_start();
  if (extent == Extent::kAnywhere || extent == Extent::kStart) pattern.open_end();
}

/// Applies the modifiers of a plain comparison from left to right.
std::vector<Pattern> read_patterns(Reader& reader, const FieldKey& key, const YamlNode& scalar) {
  std::vector<Pattern> drafts;
  drafts.push_back(parse_pattern(scalar.text()));
  for (const Modifier* modifier : key.chain) {
    if (modifier->role == Role::kExpand && !expand(reader, scalar, drafts)) return {};
    if (modifier->role == Role::kExtent) {
      for (Pattern& draft : drafts)
        open(static_cast<Extent>(modifier->detail), draft);
    }
    if (modifier->role == Role::kEncode) {
      std::vector<Pattern> encoded;
      for (const Pattern& draft : drafts) {
        const auto made = encode(draft, static_cast<Encoding>(modifier->detail));
        if (made.empty()) {
          refuse_value(reader, scalar,
                       fmt::format("text without wildcards for '|{}'", modifier->name));
          return {};
        }
        encoded.insert(encoded.end(), made.begin(), made.end());
      }
      drafts = std::move(encoded);
    }
  }
  for (Pattern& draft : drafts)
    draft.cased = find_role(key, Role::kCased) != nullptr;
  return drafts;
}

std::vector<Test> read_plain(Reader& reader, const FieldKey& key, const YamlNode& scalar,
                             Extent extent) {
  const ScalarKind kind = scalar_kind(scalar);
  const bool bare = std::all_of(key.chain.begin(), key.chain.end(), [](const Modifier* m) {
    return m->role == Role::kAll || m->role == Role::kNot || m->role == Role::kCased;
  });
  if (kind == ScalarKind::kNull) {
    if (bare && extent == Extent::kWhole) return {NullTest{}};
    refuse_value(reader, scalar, "text");
    return {};
  }
  if (kind == ScalarKind::kNumber && bare && extent == Extent::kWhole) {
    return {NumberTest{*read_number(scalar.text()), scalar.text()}};
  }
  std::vector<Test> tests;
  for (Pattern& pattern : read_patterns(reader, key, scalar)) {
    open(extent, pattern);
    tests.emplace_back(PatternTest{std::move(pattern)});
  }
  return tests;
}

std::vector<Test> read_regex(Reader& reader, const FieldKey& key, const YamlNode& scalar, Extent) {
  RegexFlags flags;
  Extent extent = Extent::kAnywhere;
  for (const Modifier* modifier : key.chain) {
    if (modifier->role == Role::kExtent) extent = static_cast<Extent>(modifier->detail);
    if (modifier->role != Role::kRegexFlag) continue;
    flags.ignore_case |= modifier->detail == 'i';
    flags.multiline |= modifier->detail == 'm';
    flags.dot_all |= modifier->detail == 's';
  }
  std::string text = scalar.text();
  if (extent == Extent::kStart) text = fmt::format("\\A(?:{})", text);
  if (extent == Extent::kEnd) text = fmt::format("(?:{})\\z", text);
  auto regex = Regex::compile(text, flags);
  if (!regex) {
    reader.refuse("DVY-R014", scalar, regex.error().message());
    return {};
  }
  return {RegexTest{*std::move(regex), extent}};
}

std::vector<Test> read_networks(Reader& reader, const FieldKey& key, const YamlNode& scalar,
                                Extent) {
  std::vector<Pattern> drafts(1);
  drafts.front().add_text(scalar.text());
  if (find_role(key, Role::kExpand) && !expand(reader, scalar, drafts)) return {};
  std::vector<Test> tests;
  for (const Pattern& draft : drafts) {
    const std::string text = draft.parts.empty() ? "" : draft.parts.front().text;
    const std::optional<NetworkTest> network =
        draft.has_wildcards() ? std::nullopt : read_network(trim(text));
    if (!network) {
      reader.refuse("DVY-R016", scalar, fmt::format("'{}' is not a network", printable(text, 60)),
                    "write it like 10.0.0.0/8 or 2001:db8::/32");
      return {};
    }
    tests.emplace_back(*network);
  }
  return tests;
}

std::vector<Test> read_compare(Reader& reader, const FieldKey& key, const YamlNode& scalar,
                               Extent) {
  const std::optional<Number> number = read_number(scalar.text());
  if (!number) {
    refuse_value(reader, scalar, "a number");
    return {};
  }
  return {CompareTest{static_cast<Comparison>(find_role(key, Role::kCompare)->detail), *number}};
}

std::vector<Test> read_time(Reader& reader, const FieldKey& key, const YamlNode& scalar, Extent) {
  const std::optional<int64_t> number = parse_int(scalar.text());
  if (!number) {
    refuse_value(reader, scalar, "a whole number");
    return {};
  }
  const Modifier* comparison = find_role(key, Role::kCompare);
  return {TimeTest{static_cast<TimePart>(find_role(key, Role::kTimePart)->detail),
                   comparison ? static_cast<Comparison>(comparison->detail) : Comparison::kEqual,
                   *number}};
}

std::vector<Test> read_exists(Reader& reader, const FieldKey&, const YamlNode& scalar, Extent) {
  // Rules are YAML 1.1 to most tools: yes, no, on and off are truth values too. Quoted they are
  // not.
  const auto expected = scalar.is_quoted() ? std::nullopt : parse_yaml_bool(scalar.text());
  if (!expected) {
    refuse_value(reader, scalar, "true or false");
    return {};
  }
  return {ExistsTest{*expected}};
}

std::vector<Test> read_fieldref(Reader& reader, const FieldKey& key, const YamlNode& scalar,
                                Extent) {
  if (scalar.text().empty()) {
    refuse_value(reader, scalar, "a field name");
    return {};
  }
  const Modifier* extent = find_role(key, Role::kExtent);
  return {FieldRefTest{scalar.text(), extent ? static_cast<Extent>(extent->detail) : Extent::kWhole,
                       find_role(key, Role::kCased) != nullptr}};
}

using ReadTests = std::vector<Test> (*)(Reader&, const FieldKey&, const YamlNode&, Extent);
constexpr std::array<ReadTests, kOperations + 1> kReadTests = {
    read_regex, read_networks, read_compare, read_time, read_exists, read_fieldref, read_plain};

}  // namespace

std::vector<std::string_view> modifier_names() {
  std::vector<std::string_view> names;
  for (const Modifier& modifier : kModifiers)
    names.push_back(modifier.name);
  return names;
}

FieldKey read_field_key(Reader& reader, const YamlNode& key) {
  FieldKey parsed;
  const std::vector<std::string_view> parts = split(key.text(), '|');
  parsed.field = std::string(parts.front());
  for (size_t i = 1; i < parts.size(); ++i) {
    const auto found = std::find_if(std::begin(kModifiers), std::end(kModifiers),
                                    [&](const Modifier& m) { return m.name == parts[i]; });
    if (found == std::end(kModifiers)) {
      const std::string_view near = nearest_name(parts[i], modifier_names());
      reader.refuse("DVY-R011", key, fmt::format("unknown modifier '{}'", printable(parts[i], 40)),
                    near.empty() ? "" : fmt::format("did you mean '{}'?", near));
      continue;
    }
    parsed.all |= found->role == Role::kAll;
    parsed.negated |= found->role == Role::kNot;
    parsed.chain.push_back(found);
  }
  check_chain(reader, key, parsed);
  return parsed;
}

std::vector<Test> read_tests(Reader& reader, const FieldKey& key, const YamlNode& scalar,
                             Extent extent) {
  if (!reader.spend(scalar)) return {};
  const size_t operation = operation_of(key);
  if (extent == Extent::kAnywhere && operation != kOperations &&
      operation != static_cast<size_t>(Role::kRegex)) {
    reader.refuse("DVY-R012", scalar, "this modifier needs a field name");
    return {};
  }
  if (operation != kOperations && scalar.is_null()) {
    refuse_value(reader, scalar, "a value");
    return {};
  }
  return kReadTests[operation](reader, key, scalar, extent);
}

}  // namespace davy::sigma::internal
