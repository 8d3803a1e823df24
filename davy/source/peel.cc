// SPDX-License-Identifier: Apache-2.0
#include "davy/source/peel.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/source/archive.h"
#include "davy/source/decoding.h"
#include "davy/source/memory.h"
#include "davy/source/unicode.h"

namespace davy::source {
namespace {

using std::string_view_literals::operator""sv;

constexpr size_t kTarHeaderBytes = 512;
constexpr size_t kMaxNameBytes = 4096;

/// A member, an empty archive, a member without sizes, an archive split in parts.
constexpr std::string_view kZipMagics[] = {"PK\x03\x04"sv, "PK\x05\x06"sv, "PK\x07\x08"sv};

struct Refused {
  std::string_view magic;
  std::string_view what;
  std::string_view advice;
};

constexpr std::string_view kInsteadOfPackets =
    "name the flow logs and DNS query logs of the same time instead";

constexpr Refused kRefused[] = {
    {"PAR1"sv, "Parquet",
     "convert it to JSON lines or CSV (for example with DuckDB) and scan that"},
    {"PARE"sv, "encrypted Parquet", "decrypt it and convert it to JSON lines or CSV"},
    {"\xff\x06\0\0sNaPpY"sv, "framed snappy", "expand it first (snzip -d)"},
    {"\x04\x22\x4d\x18"sv, "lz4", "expand it first (lz4 -d)"},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive", "unpack it (7z x) and name the folder"},
    {"Rar!\x1a\x07"sv, "a RAR archive", "unpack it (unrar x) and name the folder"},
    {"\xd4\xc3\xb2\xa1"sv, "a packet capture (pcap)", kInsteadOfPackets},
    {"\xa1\xb2\xc3\xd4"sv, "a packet capture (pcap)", kInsteadOfPackets},
    {"\x4d\x3c\xb2\xa1"sv, "a packet capture (pcap)", kInsteadOfPackets},
    {"\xa1\xb2\x3c\x4d"sv, "a packet capture (pcap)", kInsteadOfPackets},
    {"Obj\x01"sv, "Avro", "convert it to JSON lines (avro-tools tojson) and scan that"},
    {"\xff\xfe\0\0"sv, "UTF-32 text", "convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"},
    {"\0\0\xfe\xff"sv, "UTF-32 text", "convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"},
};

/// Every tar header carries its own checksum; "ustar" is missing from old ones.
bool is_tar(std::string_view head) {
  constexpr size_t kAt = 148;
  constexpr size_t kDigits = 8;
  if (head.size() < kTarHeaderBytes) return false;
  std::string_view digits = head.substr(kAt, kDigits);
  digits = trim(digits.substr(0, digits.find('\0')));
  const auto stated = parse_int<int64_t>(digits, 8);
  int64_t sum = ' ' * static_cast<int64_t>(kDigits);
  for (size_t i = 0; i < kTarHeaderBytes; ++i) {
    if (i < kAt || i >= kAt + kDigits) sum += static_cast<unsigned char>(head[i]);
  }
  return stated && *stated == sum;
}

bool is_archive(std::string_view head) {
  for (const std::string_view magic : kZipMagics) {
    if (head.starts_with(magic)) return true;
  }
  return is_tar(head);
}

Error not_read(std::string_view what, std::string_view advice) {
  return Error(ErrorCode::kUnsupported, fmt::format("is {}, which is not read; {}", what, advice));
}

/// Its first bytes alone could begin a text with blank lines; the byte order mark of the block
/// tells.
bool is_pcapng(std::string_view head) {
  const std::string_view order = head.substr(0, 12).substr(std::min<size_t>(head.size(), 8));
  return head.starts_with("\n\r\r\n") &&
         (order == "\x4d\x3c\x2b\x1a" || order == "\x1a\x2b\x3c\x4d");
}

/// Why bytes that begin like this, `depth` layers deep, cannot be read, if so.
std::optional<Error> refusal(std::string_view head, size_t depth, size_t max_depth) {
  for (const auto& [magic, what, advice] : kRefused) {
    if (head.starts_with(magic)) return not_read(what, advice);
  }
  if (is_pcapng(head)) return not_read("a packet capture (pcapng)", kInsteadOfPackets);
  if (depth >= max_depth && (codec_of(head) != nullptr || is_archive(head))) {
    return Error(ErrorCode::kLimitExceeded,
                 fmt::format("is compressed or archived more than {} times over, the limit; expand "
                             "it first",
                             max_depth));
  }
  return std::nullopt;
}

std::unique_ptr<ByteStream> as_utf8(std::unique_ptr<Buffered> input, std::string_view head) {
  const auto skip = [&](size_t count) {
    input->consume(count);
    return std::move(input);
  };
  if (head.starts_with("\xef\xbb\xbf")) return skip(3);
  if (head.starts_with("\xff\xfe")) return utf16_to_utf8(skip(2), ByteOrder::kLittle);
  if (head.starts_with("\xfe\xff")) return utf16_to_utf8(skip(2), ByteOrder::kBig);
  return input;
}

class Peeler {
 public:
  Peeler(const Limits& limits, const std::function<void(Opened)>& each)
      : meter_(std::make_shared<Meter>(limits)),
        max_depth_(static_cast<size_t>(std::max(limits.max_layers, 0))),
        each_(each) {}

  Result<void> start(Opened raw) {
    raw.stream = count_reads(std::move(raw.stream), meter_);
    return peel_from(std::move(raw), 0);
  }

 private:
  Result<void> peel_from(Opened opened, size_t depth) {
    auto input = std::make_unique<Buffered>(std::move(opened.stream));
    for (;; ++depth) {
      // A failure here shows again, in its place, when the stream is read.
      const std::string_view head = input->window(kTarHeaderBytes).value_or({});
      if (auto refused = refusal(head, depth, max_depth_)) {
        each_({std::move(opened.path), std::make_unique<FailedStream>(*std::move(refused))});
        return {};
      }
      if (const Codec* codec = codec_of(head)) {
        input = std::make_unique<Buffered>(decode(*codec, std::move(input), meter_, depth));
      } else if (is_archive(head)) {
        return peel_members(opened.path, std::move(input), depth);
      } else {
        each_({std::move(opened.path), as_utf8(std::move(input), head)});
        return {};
      }
    }
  }

  Result<void> peel_members(const std::string& path, std::unique_ptr<Buffered> input,
                            size_t depth) {
    return read_archive(std::move(input), meter_, depth, [&](Opened member) {
      member.path = path + "!" + printable(member.path, kMaxNameBytes);
      return peel_from(std::move(member), depth + 1);
    });
  }

  std::shared_ptr<Meter> meter_;
  size_t max_depth_;
  const std::function<void(Opened)>& each_;
};

}  // namespace

Result<void> peel(Opened raw, const Limits& limits, const std::function<void(Opened)>& each) {
  return Peeler(limits, each).start(std::move(raw));
}

}  // namespace davy::source
