// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/ps.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/decode/ps_listing.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

constexpr event::Logsource kLogsources[] = {{"process_creation", "linux", ""}, {"", "linux", "ps"}};

class PsDecoder final : public Decoder {
 public:
  explicit PsDecoder(const event::Schema& schema) : listing_(schema) {}

  Outcome decode(const RawRecord& record, Workbench&, Sink& sink) override {
    event::Event event;
    event.ref = {record.stream->source, record.offset};
    event.account = record.stream->account_hint;
    event.region = record.stream->region_hint;
    event.logsources = 0b11;
    const Hash128 hash = hash128(record.bytes);
    // The listing's own name for its host, so that what is found in it is found on one machine. Of
    // the content, not the path: a copy is the same listing.
    const std::string host = fmt::format("ps-listing-{:08x}", hash.high >> 32);
    event.host = host;
    const size_t found =
        listing_.read(record.bytes, nullptr,
                      [&](const event::Process& process, const event::Fields& fields, size_t line) {
                        event.key = {hash.high, hash_combine(hash.low, line)};
                        event.process = &process;
                        sink.emit(event, fields);
                      });
    return found > 0 ? Outcome::decoded() : Outcome::skipped("process listing without processes");
  }

 private:
  ProcessListing listing_;
};

}  // namespace

const Format kPs = {
    .name = "ps",
    .title = "Process listing (ps, top)",
    .framing = Framing::kWhole,
    .logsources = kLogsources,
    .looks_like_text =
        [](const TextProbe& probe) {
          return std::any_of(probe.lines.begin(), probe.lines.end(), is_process_header);
        },
    .declare_fields = [](event::Schema&) {},  // the event mapping reads columns, not slots
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<PsDecoder>(schema);
    },
    .believed_when_printed = true,
};

}  // namespace davy::decode
