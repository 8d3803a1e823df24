// SPDX-License-Identifier: Apache-2.0
// Any bytes through the whole peeling. Beyond "no crash, no hang, no unbounded growth": the bytes,
// paths and errors must not depend on the size of the reads.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "davy/source/memory.h"
#include "davy/source/peel.h"

namespace {

using davy::source::ByteStream;
using davy::source::Limits;
using davy::source::MemoryStream;
using davy::source::Opened;

constexpr Limits kLimits{.max_expanded_bytes = 1 << 20, .max_members = 200};

std::string drain(ByteStream& stream, size_t read_size) {
  std::string bytes;
  std::string buffer(read_size, '\0');
  for (;;) {
    const davy::Result<size_t> got = stream.read(buffer.data(), buffer.size());
    if (!got) return bytes + "\nerror: " + got.error().message();
    if (*got > buffer.size()) std::abort();
    if (*got == 0) return bytes;
    bytes.append(buffer, 0, *got);
    if (bytes.size() > kLimits.max_expanded_bytes + (1 << 20)) std::abort();
  }
}

std::vector<std::string> peeled(const std::string& input, size_t read_size) {
  std::vector<std::string> all;
  const davy::Result<void> whole = davy::source::peel(
      {"in", std::make_unique<MemoryStream>(input)}, kLimits,
      [&](Opened opened) { all.push_back(opened.path + "\n" + drain(*opened.stream, read_size)); });
  if (!whole) all.push_back(whole.error().message());
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const size_t odd_size = 1 + size % 97;
  if (peeled(input, 64 * 1024) != peeled(input, odd_size)) std::abort();
  return 0;
}
