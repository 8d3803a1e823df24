// SPDX-License-Identifier: Apache-2.0
// What a log format is to Davy: one small face, one file per format.
//
//   does this look like you?   looks_like_json / looks_like_text
//   cut me into records        framing
//   tell me the event          Decoder::decode
//   which Sigma logsource      logsources
//
// Adding a format is adding one .h/.cc pair, its row in formats.cc, its docs/formats page, its
// samples in tests/golden/decode and its fuzz seeds. Nothing else changes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/arena.h"
#include "davy/event/event.h"
#include "davy/event/field.h"
#include "davy/event/logsource.h"

namespace davy::decode {

class JsonShape;  // json_shape.h: the top level of a JSON record
class Workbench;  // workbench.h: per-worker tools, and the way back into recognition for envelopes

/// How a stream of this format is cut into records.
enum class Framing : uint8_t {
  kJson,   ///< JSON values, however they are laid out
  kLines,  ///< one record a line
  kAudit,  ///< lines that share "audit(time:serial)" are one record
  kWhole,  ///< the whole stream is one record (a `ps` listing), up to the record limit
};

/// Context a text stream carries from its first lines (column order, preamble); immutable and
/// shared by the workers that decode its records.
struct Layout {
  virtual ~Layout() = default;
};

/// The stream a record came from.
struct StreamContext {
  uint32_t source = 0;       ///< index into the scan's source list
  std::string path;          ///< as shown to the user
  std::string account_hint;  ///< from AWS delivery paths ("AWSLogs/123456789012/…"), else empty
  std::string region_hint;
  std::shared_ptr<const Layout> layout;  ///< set for text formats that need one
};

/// One record's bytes; at least kPadding readable bytes follow them.
struct RawRecord {
  static constexpr size_t kPadding = 64;
  std::string_view bytes;
  uint64_t offset = 0;  ///< in the stream, after decompression
  const StreamContext* stream = nullptr;
  bool printed = false;  ///< by a workload, as its container runtime tells
};

/// What became of a record. `reason` is a literal for kSkipped and kRejected.
struct Outcome {
  enum class Verdict : uint8_t {
    kDecoded,
    kSkipped,   ///< understood, and left out on purpose
    kRejected,  ///< damaged
    kNotMine,   ///< of another format: recognition is asked again
  };
  Verdict verdict = Verdict::kDecoded;
  std::string_view reason;

  static Outcome decoded() { return {Verdict::kDecoded, {}}; }
  static Outcome skipped(std::string_view reason) { return {Verdict::kSkipped, reason}; }
  static Outcome not_mine() { return {Verdict::kNotMine, {}}; }
  static Outcome rejected(std::string_view reason) { return {Verdict::kRejected, reason}; }
};

/// Receives events. Event and fields die when emit() returns.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void emit(const event::Event& event, const event::Fields& fields) = 0;
};

/// Decodes the records of one format. One per worker and format; keeps the payloads it emits.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Emits zero or more events. Malformed input is rejected with a reason, never thrown.
  virtual Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) = 0;
};

/// The first lines of a text stream, without line ends; at most 20 lines or 64 KiB.
struct TextProbe {
  std::vector<std::string_view> lines;
  std::string_view path;  ///< breaks ties only
};

/// A format: constants and functions, no state.
struct Format {
  std::string_view name;   ///< "cloudtrail"; also the SQL table and docs page
  std::string_view title;  ///< "AWS CloudTrail"
  Framing framing = Framing::kJson;
  std::span<const event::Logsource> logsources = {};

  /// True when a JSON record is of this format. Null for text formats.
  bool (*looks_like_json)(const JsonShape& shape) = nullptr;
  /// Any record that looks_like_json() has one of these at its top level.
  std::span<const std::string_view> tell_keys = {};
  /// looks_like_json() holds when all of these are there as strings. Empty: nothing so simple
  /// holds.
  std::span<const std::string_view> sure_keys = {};
  /// True when a text stream is of this format. Null for JSON formats.
  bool (*looks_like_text)(const TextProbe& probe) = nullptr;
  /// Reads the layout off the first lines. Null when there is none to read.
  std::shared_ptr<const Layout> (*read_layout)(const TextProbe& probe) = nullptr;

  /// Adds the fields the event mapping reads. Called once, before rules add theirs.
  void (*declare_fields)(event::Schema& schema) = nullptr;
  /// Raw paths a Sigma field name stands for; null when the name is the path.
  void (*resolve_field)(std::string_view sigma_field, std::vector<std::string>& paths) = nullptr;
  /// The schema outlives the decoder.
  std::unique_ptr<Decoder> (*make_decoder)(const event::Schema& schema) = nullptr;
  /// An envelope only unwraps: its inner records are what counts.
  bool envelope = false;
  /// Read also where a workload printed it. Whatever runs in a container can print an audit record:
  /// that it ended its machines, or that its address is another's.
  bool believed_when_printed = false;
};

/// Every format Davy reads, in the order recognition asks them.
std::span<const Format* const> formats();

}  // namespace davy::decode
