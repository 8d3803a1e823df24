// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <zlib.h>

#include "davy/simulate/delivery.h"

namespace davy::simulate {
namespace {

constexpr int kGzip = 16 + 15;  ///< gzip wrapper, largest window
constexpr int kMemory = 8;

}  // namespace

// zlib, not ISA-L: the latter's output depends on the instruction set it finds.
Result<std::string> gzip(std::string_view bytes, Compression compression) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) {
    return Error{ErrorCode::kLimitExceeded, "a delivered file is larger than 4 GiB"};
  }
  z_stream stream{};
  if (deflateInit2(&stream, static_cast<int>(compression), Z_DEFLATED, kGzip, kMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return Error{ErrorCode::kInternal, "zlib refuses to start"};
  }
  gz_header header{};
  header.os = 255;  // unknown
  deflateSetHeader(&stream, &header);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<z_const Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return Error{ErrorCode::kInternal, "zlib did not finish"};
  return out;
}

}  // namespace davy::simulate
