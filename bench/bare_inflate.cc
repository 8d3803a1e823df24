// SPDX-License-Identifier: Apache-2.0
// The floor under reading delivered files: isal inflates every member of FILE.gz and drops the
// bytes. One core.
//
//   bare_inflate FILE.gz
#include <cstdint>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <isa-l/igzip_lib.h>

namespace {

constexpr size_t kInputBytes = 128 * 1024;
constexpr size_t kOutputBytes = 1024 * 1024;

/// Refills the input when it is used up; false at the end of the file.
bool refill(int file, std::vector<uint8_t>& input, inflate_state& state) {
  if (state.avail_in > 0) return true;
  const ssize_t got = ::read(file, input.data(), input.size());
  if (got <= 0) return false;
  state.next_in = input.data();
  state.avail_in = static_cast<uint32_t>(got);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const int file = argc == 2 ? ::open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) {
    std::fputs("usage: bare_inflate FILE.gz\n", stderr);
    return 2;
  }
  std::vector<uint8_t> input(kInputBytes);
  std::vector<uint8_t> output(kOutputBytes);
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  state.avail_in = 0;
  uint64_t expanded = 0;
  while (refill(file, input, state)) {
    if (state.block_state == ISAL_BLOCK_FINISH) {
      isal_inflate_reset(&state);
      state.crc_flag = ISAL_GZIP;
    }
    state.next_out = output.data();
    state.avail_out = static_cast<uint32_t>(output.size());
    if (isal_inflate(&state) != ISAL_DECOMP_OK) {
      std::fputs("bare_inflate: not gzip, or damaged\n", stderr);
      return 1;
    }
    expanded += output.size() - state.avail_out;
  }
  ::close(file);
  std::printf("%llu\n", static_cast<unsigned long long>(expanded));
  return expanded > 0 ? 0 : 1;
}
