// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/workbench.h"

#include <algorithm>
#include <cstring>

#include "davy/base/text.h"
#include "davy/decode/base64.h"
#include "davy/decode/joint_outcome.h"
#include "davy/decode/json_brackets.h"
#include "davy/decode/json_framing.h"
#include "davy/decode/line_start.h"
#include "davy/decode/plain_json.h"
#include "davy/decode/unread.h"
#include "davy/source/unpack.h"

namespace davy::decode {
namespace {

constexpr std::string_view kExpandsTooFar =
    "packed content expands too far, as a decompression bomb does";
constexpr std::string_view kTooDeep = "more than 8 envelopes deep";

}  // namespace

Catalog::Catalog(PlainJson plain) {
  for (const Format* format : formats()) {
    entries_.push_back({format, std::make_unique<event::Schema>(), nullptr});
  }
  if (plain == PlainJson::kAccept) {
    entries_.push_back({&kPlainJson, std::make_unique<event::Schema>(), nullptr});
  }
  for (Entry& entry : entries_) {
    if (entry.format->declare_fields != nullptr) entry.format->declare_fields(*entry.schema);
  }
  expect();
}

void Catalog::expect() {
  std::vector<std::string_view> before;
  for (Entry& entry : entries_) {
    const Format& format = *entry.format;
    if (!format.sure_keys.empty()) {
      entry.expectation = std::make_unique<Expectation>();
      for (std::string_view key : format.sure_keys)
        entry.expectation->strings.push_back(entry.schema->add(key));
      for (std::string_view key : before)
        entry.expectation->absent.push_back(entry.schema->add(key));
    }
    before.insert(before.end(), format.tell_keys.begin(), format.tell_keys.end());
  }
}

size_t Catalog::find(std::string_view name) const {
  const auto place = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return e.format->name == name; });
  return static_cast<size_t>(place - entries_.begin());
}

size_t Catalog::recognise_text(const TextProbe& probe) const {
  const auto place = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
    return e.format->looks_like_text != nullptr && e.format->looks_like_text(probe);
  });
  return static_cast<size_t>(place - entries_.begin());
}

Workbench::Workbench(const Catalog& catalog) : catalog_(catalog), last_format_(catalog.size()) {
  for (size_t i = 0; i < catalog.size(); ++i) {
    decoders_.push_back(catalog.format(i).make_decoder(catalog.schema(i)));
  }
  for (Level& level : levels_)
    level.parser->repair = &repair_;
  std::fill(std::begin(expected_json_), std::end(expected_json_), catalog.size());
}

Outcome Workbench::run(size_t format, const RawRecord& record, Sink& sink) {
  const Format& told = catalog_.format(format);
  if (printed_ && !told.envelope && !told.believed_when_printed) {
    last_format_ = format;
    return Outcome::skipped("printed by a workload, which proves nothing of the account");
  }
  fields().reset(catalog_.schema(format).size());
  const size_t outer_format = running_format_;
  running_format_ = format;
  const Outcome outcome = decoders_[format]->decode(record, *this, sink);
  running_format_ = outer_format;
  if (outcome.reason == kUnexpected) return Outcome::not_mine();
  if (outcome.verdict == Outcome::Verdict::kNotMine) return outcome;
  // An envelope counts only when nothing was unwrapped from it.
  if (!told.envelope || last_format_ == catalog_.size()) last_format_ = format;
  return outcome;
}

template <typename Body>
Outcome Workbench::at_next_level(const RawRecord& record, Body body) {
  if (open_records_ == 0) {
    arena_.reset();
    last_format_ = catalog_.size();
    repair_.used = false;
    printed_ = record.printed;
    unpack_allowance_ =
        std::clamp(record.bytes.size() * kMaxExpansion, kExpansionJudgedPast, kMaxUnpackedBytes) +
        2 * record.bytes.size();
  }
  if (open_records_ > kMaxEnvelopes) return Outcome::rejected(kTooDeep);
  const size_t outer = level_;
  level_ = open_records_++;
  const Outcome outcome = body();
  --open_records_;
  level_ = outer;
  return outcome;
}

Outcome Workbench::decode_as(size_t format, const RawRecord& record, Sink& sink) {
  return at_next_level(record, [&] { return run(format, record, sink); });
}

Outcome Workbench::decode_line(size_t format, const RawRecord& record, Sink& sink) {
  using Verdict = Outcome::Verdict;
  const Outcome outcome = decode_as(format, record, sink);
  if (outcome.verdict != Verdict::kRejected && outcome.verdict != Verdict::kNotMine) return outcome;
  const Outcome other = offer_line(format, record, sink);
  const bool read = other.verdict == Verdict::kDecoded || other.verdict == Verdict::kSkipped;
  return read ? other : outcome;
}

/// Asks the formats that read single lines without a header.
Outcome Workbench::offer_line(size_t format, const RawRecord& record, Sink& sink) {
  std::string_view line = record.bytes;
  while (line.ends_with('\n') || line.ends_with('\r'))
    line.remove_suffix(1);
  if (line.empty() || line.find('\n') != std::string_view::npos) return Outcome::not_mine();
  const size_t other = catalog_.recognise_text({{line}, record.stream->path});
  if (other == catalog_.size() || catalog_.format(other).framing == Framing::kWhole) {
    return Outcome::not_mine();
  }
  if (other == format && record.stream->layout == nullptr) return Outcome::not_mine();
  stray_ = *record.stream;
  stray_.layout = nullptr;
  return decode_as(other, {line, record.offset, &stray_, record.printed}, sink);
}

Outcome Workbench::decode_json(const RawRecord& record, Sink& sink) {
  return at_next_level(record, [&] { return dispatch_json(record, sink); });
}

Outcome Workbench::dispatch_json(RawRecord record, Sink& sink) {
  if (nested_deeper_than(record.bytes, kMaxJsonDepth)) {
    return Outcome::rejected("nested more than 128 levels deep");
  }
  size_t& expected = expected_json_[level_];
  if (expected < catalog_.size() && !printed_) {
    parser().expectation = catalog_.expectation(expected);
    const Outcome outcome = run(expected, record, sink);
    parser().expectation = nullptr;
    if (outcome.verdict != Outcome::Verdict::kNotMine) return outcome;
  }
  JsonShape shape = read_shape(record.bytes, parser());
  if (shape.empty()) {
    const std::string_view text = repair_json_text(record.bytes, arena_);
    if (!text.empty()) {
      record.bytes = text;
      shape = read_shape(text, parser());
      repair_.used = true;
    }
  }
  for (size_t i = 0; i < catalog_.size(); ++i) {
    const Format& format = catalog_.format(i);
    if (format.looks_like_json == nullptr || !format.looks_like_json(shape)) continue;
    const Outcome outcome = run(i, record, sink);
    if (outcome.verdict == Outcome::Verdict::kNotMine) continue;
    if (catalog_.expectation(i) != nullptr) expected = i;
    return outcome;
  }
  // Not recognised: say whether it is damaged or merely unknown.
  static const event::Schema kNothing;
  static const JsonWalker kValidator(kNothing);
  fields().reset(0);
  const std::string_view damage = kValidator.walk(record.bytes, parser(), fields());
  if (!damage.empty()) return Outcome::rejected(damage);
  const std::string_view unread = unread_json(shape);
  return Outcome::rejected(unread.empty() ? kUnknownJson : unread);
}

Outcome Workbench::decode_text(std::string_view text, const RawRecord& outer, Sink& sink) {
  // The text is kept in the arena, which the outermost record resets when it begins.
  if (open_records_ == 0) {
    return at_next_level(outer, [&] { return decode_text(text, outer, sink); });
  }
  text = trim(text);
  if (text.size() > unpack_allowance_) return Outcome::rejected(kExpandsTooFar);
  unpack_allowance_ -= text.size();
  char* padded = arena_.allocate(text.size() + RawRecord::kPadding);
  if (!text.empty()) std::memcpy(padded, text.data(), text.size());
  std::memset(padded + text.size(), 0, RawRecord::kPadding);
  return decode_content({padded, text.size()}, outer, sink);
}

Outcome Workbench::decode_packed(std::string_view base64, const RawRecord& outer, Sink& sink) {
  if (open_records_ > kMaxEnvelopes) return Outcome::rejected(kTooDeep);
  const auto bytes = decode_base64(base64, RawRecord::kPadding, arena_);
  if (!bytes) return Outcome::rejected("packed content is not base64");
  const auto text = source::unpack(*bytes, RawRecord::kPadding, unpack_allowance_, arena_);
  if (!text) {
    return Outcome::rejected(text.error().code() == ErrorCode::kLimitExceeded
                                 ? kExpandsTooFar
                                 : "packed content is damaged or ends too early");
  }
  return decode_content(*text, outer, sink);
}

/// Decodes padded text that lives as long as the outermost record.
Outcome Workbench::decode_content(std::string_view text, const RawRecord& outer, Sink& sink) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text = trim(text);
  if (text.empty()) return Outcome::skipped("empty message");
  RawRecord inner{text, outer.offset, outer.stream};
  if (begins_like_json(text) || json_prefix(text.substr(0, text.find('\n'))) > 0)
    return decode_values(inner, sink);

  TextProbe probe;
  probe.path = outer.stream->path;
  for (std::string_view line : split(inner.bytes, '\n')) {
    if (probe.lines.size() == 20) break;
    if (line.ends_with('\r')) line.remove_suffix(1);
    probe.lines.push_back(line);
  }
  const size_t format = catalog_.recognise_text(probe);
  if (format == catalog_.size()) {
    const std::string_view unread = unread_text(probe);
    return Outcome::rejected(unread.empty() ? kUnknownText : unread);
  }
  const Format& found = catalog_.format(format);
  StreamContext stream = *outer.stream;
  stream.layout = found.read_layout != nullptr ? found.read_layout(probe) : nullptr;
  inner.stream = &stream;
  return at_next_level(inner, [&] { return decode_lines(format, inner, sink); });
}

/// One value is the rule; a list, or several values, is cut as a stream of JSON is.
Outcome Workbench::decode_values(const RawRecord& text, Sink& sink) {
  if (text.bytes.starts_with('{') && !begins_like_list(text.bytes)) {
    const Outcome outcome = decode_json(text, sink);
    if (outcome.reason != kTrailingContent) return outcome;
  }
  JsonCutter cutter;
  CutResult cuts;
  cutter.cut(text.bytes, true, cuts);
  JointOutcome joint;
  for (const CutReject& reject : cuts.rejects)
    joint.add(Outcome::rejected(reject.reason));
  CutResult values;
  for (const Cut& cut : cuts.records) {
    const RawRecord record{text.bytes.substr(cut.begin, cut.length), text.offset, text.stream};
    if (is_head_of_printed(text.bytes.substr(0, cut.begin))) printed_ = true;
    const Outcome outcome = decode_json(record, sink);
    if (outcome.reason != kTrailingContent) {
      joint.add(outcome);
      continue;
    }
    cut_values(record.bytes, values);
    for (const Cut& value : values.records) {
      joint.add(decode_json(
          {record.bytes.substr(value.begin, value.length), text.offset, text.stream}, sink));
    }
    for (const CutReject& reject : values.rejects)
      joint.add(Outcome::rejected(reject.reason));
  }
  return joint.or_else(Outcome::skipped("empty message"));
}

/// The records of an embedded text, cut as its format asks. A single line's outcome is the
/// message's; of several lines a rejection stands out.
Outcome Workbench::decode_lines(size_t format, const RawRecord& text, Sink& sink) {
  if (catalog_.format(format).framing != Framing::kLines) return run(format, text, sink);
  JointOutcome joint;
  for (std::string_view line : split(text.bytes, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    joint.add(run(format, {line, text.offset, text.stream}, sink));
  }
  return joint.or_else(Outcome::decoded());
}

}  // namespace davy::decode
