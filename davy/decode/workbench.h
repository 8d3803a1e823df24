// SPDX-License-Identifier: Apache-2.0
// Recognition and the tools of one worker: arena, parsers, field tables, one decoder per format.
//
// Records are dispatched one by one, since one topic or folder mixes formats. The format of the
// last record is tried first, and believed only where recognition from the beginning is sure to say
// the same: what a record is read as does not depend on the one before. Envelopes come
// back through decode_json() / decode_text() for what they hold, at most kMaxEnvelopes deep.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "davy/base/arena.h"
#include "davy/decode/format.h"
#include "davy/decode/json_walker.h"
#include "davy/event/field.h"

namespace davy::decode {

inline constexpr size_t kMaxEnvelopes = 8;

/// What the compressed content of one record may expand to altogether, whatever its nesting: so
/// many times the record, as for files (source::Limits), judged past the second figure, and never
/// more than a record may be long.
inline constexpr uint64_t kMaxExpansion = 1100;
inline constexpr uint64_t kExpansionJudgedPast = 1 << 20;
inline constexpr uint64_t kMaxUnpackedBytes = 64 << 20;

/// Why what recognition knows nothing of is rejected.
inline constexpr std::string_view kUnknownJson = "JSON of no format Davy knows";
inline constexpr std::string_view kUnknownText = "text of no format Davy knows";

enum class PlainJson {
  kReject,  ///< JSON of no known format is rejected (scan)
  kAccept,  ///< it becomes a bare event that only rules read (match)
};

/// The formats with the fields asked of them. Filled at start, then shared read-only.
class Catalog {
 public:
  explicit Catalog(PlainJson plain);

  size_t size() const { return entries_.size(); }
  const Format& format(size_t index) const { return *entries_[index].format; }
  event::Schema& schema(size_t index) { return *entries_[index].schema; }
  const event::Schema& schema(size_t index) const { return *entries_[index].schema; }
  /// What shows that a record is of the format and of none before it; null when nothing simple
  /// does.
  const Expectation* expectation(size_t index) const { return entries_[index].expectation.get(); }

  /// Index of the format called `name`, or size().
  size_t find(std::string_view name) const;
  /// Index of the text format of a stream that starts so, or size().
  size_t recognise_text(const TextProbe& probe) const;

 private:
  struct Entry {
    const Format* format;
    std::unique_ptr<event::Schema> schema;
    std::unique_ptr<Expectation> expectation;
  };
  void expect();

  std::vector<Entry> entries_;
};

class Workbench {
 public:
  explicit Workbench(const Catalog& catalog);

  /// Decodes a record of a JSON stream, recognising its format.
  Outcome decode_json(const RawRecord& record, Sink& sink);
  /// Decodes a record of a text stream whose format is known.
  Outcome decode_as(size_t format, const RawRecord& record, Sink& sink);
  /// Decodes a record of a text stream that is of `format` as a rule: a single line which that
  /// format rejects is offered to the others.
  Outcome decode_line(size_t format, const RawRecord& record, Sink& sink);
  /// Decodes text of unknown format that came out of an envelope: JSON of any framing, or lines of
  /// a text format. `text` needs no padding.
  Outcome decode_text(std::string_view text, const RawRecord& outer, Sink& sink);
  /// The same for text that came as base64, compressed before or not.
  Outcome decode_packed(std::string_view base64, const RawRecord& outer, Sink& sink);

  /// From here on the outermost record holds what a workload printed
  /// (Format::believed_when_printed).
  void unwrap_printed() { printed_ = true; }

  /// Tools for decoders. All per envelope level, so that an outer record survives its inner ones.
  Arena& arena() { return arena_; }
  JsonParser& parser() { return *levels_[level_].parser; }
  event::Fields& fields() { return levels_[level_].fields; }

  /// The format whose decoder is running: what a sink asks during emit().
  size_t running_format() const { return running_format_; }
  /// The format that decoded the most recent record, envelopes looked through; size() at first.
  size_t last_format() const { return last_format_; }
  /// Whether text of the most recent record had to be replaced to be read (json_repair.h).
  bool repaired() const { return repair_.used; }

 private:
  struct Level {
    std::unique_ptr<JsonParser> parser = std::make_unique<JsonParser>();
    event::Fields fields;
  };

  Outcome dispatch_json(RawRecord record, Sink& sink);
  Outcome offer_line(size_t format, const RawRecord& record, Sink& sink);
  Outcome decode_content(std::string_view text, const RawRecord& outer, Sink& sink);
  Outcome decode_values(const RawRecord& text, Sink& sink);
  Outcome decode_lines(size_t format, const RawRecord& text, Sink& sink);
  template <typename Body>
  Outcome at_next_level(const RawRecord& record, Body body);
  Outcome run(size_t format, const RawRecord& record, Sink& sink);

  const Catalog& catalog_;
  std::vector<std::unique_ptr<Decoder>> decoders_;
  std::array<Level, kMaxEnvelopes + 1> levels_;
  size_t level_ = 0;         ///< of the record being decoded
  size_t open_records_ = 0;  ///< envelopes being unwrapped, the record itself included
  size_t expected_json_[kMaxEnvelopes + 1];
  bool printed_ = false;
  size_t running_format_ = 0;
  size_t last_format_;
  StreamContext stray_;  ///< of a line that is not of its stream's format: no layout
  Arena arena_;          ///< reset by the outermost record when it begins
  JsonRepair repair_{arena_};
  uint64_t unpack_allowance_ = 0;  ///< what is left of kMaxUnpackedBytes for that record
};

}  // namespace davy::decode
