// SPDX-License-Identifier: Apache-2.0
// Decompression as a ByteStream. A codec supplies the few lines that call its library; everything
// that all formats share is here once: several members (frames, streams) one after another, zero
// padding, truncation, limits, and the rules that bytes decoded before an error are delivered
// before it and that anything else behind a member is an error.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "davy/source/buffered.h"
#include "davy/source/meter.h"

namespace davy::source {

/// The library's state for one compressed stream.
class Decoder {
 public:
  struct Step {
    size_t consumed = 0;
    size_t produced = 0;
    bool member_ended = false;
    std::optional<Error> failure = {};  ///< what was produced before it stands
  };

  virtual ~Decoder() = default;
  /// Readies the state for a member; called before each.
  virtual Result<void> begin() = 0;
  /// Decodes some of `in` to `out`. With an empty `in` only what is held back is written.
  virtual Step decode(std::string_view in, char* out, size_t capacity) = 0;
};

struct Codec {
  std::string_view name;                  ///< in messages: "gzip"
  bool (*begins)(std::string_view head);  ///< does a member start here? 10 bytes are enough to tell
  std::unique_ptr<Decoder> (*make)();
};

extern const Codec kGzip;
extern const Codec kZstd;
extern const Codec kBzip2;
extern const Codec kXz;

/// The codec of bytes that begin like this; null when they are not compressed.
const Codec* codec_of(std::string_view head);

/// The decoded bytes of `input`, which must be at the start of a member of `codec`.
std::unique_ptr<ByteStream> decode(const Codec& codec, std::unique_ptr<Buffered> input,
                                   std::shared_ptr<Meter> meter, size_t depth);

}  // namespace davy::source
