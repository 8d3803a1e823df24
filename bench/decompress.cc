// SPDX-License-Identifier: Apache-2.0
// How near gzip input comes to the bare library: decompress FILE.gz [READ_KIB]
// Prints the best of five, in MB/s of expanded bytes. The file should fit the page cache.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>

#include "davy/source/input.h"

namespace {

constexpr size_t kInputBytes = 128 * 1024;

struct Bytes {
  uint64_t read = 0;
  uint64_t expanded = 0;
};

Bytes bare_read(const char* path, std::vector<char>& buffer) {
  Bytes bytes;
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  for (ssize_t got = 1; got > 0;) {
    got = ::read(file, buffer.data(), buffer.size());
    if (got > 0) bytes.read += static_cast<uint64_t>(got);
  }
  ::close(file);
  return bytes;
}

Bytes bare_isal(const char* path, std::vector<char>& buffer) {
  Bytes bytes;
  std::vector<uint8_t> input(kInputBytes);
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  state.avail_in = 0;
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  while (state.block_state != ISAL_BLOCK_FINISH) {
    if (state.avail_in == 0) {
      const ssize_t got = ::read(file, input.data(), input.size());
      if (got <= 0) break;
      state.next_in = input.data();
      state.avail_in = static_cast<uint32_t>(got);
      bytes.read += static_cast<uint64_t>(got);
    }
    state.next_out = reinterpret_cast<uint8_t*>(buffer.data());
    state.avail_out = static_cast<uint32_t>(buffer.size());
    if (isal_inflate(&state) != ISAL_DECOMP_OK) std::abort();
    bytes.expanded += buffer.size() - state.avail_out;
  }
  ::close(file);
  return bytes;
}

Bytes our_stream(const char* path, std::vector<char>& buffer) {
  Bytes bytes;
  davy::source::Progress progress;
  const davy::source::Expanded expanded = davy::source::expand({path}, {}, progress);
  for (const auto& input : expanded.inputs) {
    const auto whole = input->open([&](davy::source::Opened opened) {
      for (size_t got = 1; got > 0; bytes.expanded += got) {
        got = opened.stream->read(buffer.data(), buffer.size()).value();
      }
    });
    if (!whole) std::abort();
  }
  bytes.read = progress.input_bytes;
  return bytes;
}

struct Timing {
  Bytes bytes;
  double seconds = 1e9;
};

Timing best_of_five(const std::function<Bytes()>& run) {
  Timing best;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    best.bytes = run();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best.seconds = std::min(best.seconds, taken.count());
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: decompress FILE.gz [READ_KIB]\n", stderr);
    return 2;
  }
  const char* path = argv[1];
  const size_t read_kib = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 256;
  std::vector<char> buffer(read_kib * 1024);
  const Timing raw = best_of_five([&] { return bare_read(path, buffer); });
  const Timing isal = best_of_five([&] { return bare_isal(path, buffer); });
  const Timing ours = best_of_five([&] { return our_stream(path, buffer); });
  const auto rate = [](uint64_t bytes, const Timing& timing) {
    return static_cast<double>(bytes) / 1e6 / timing.seconds;
  };
  fmt::print("file         {:9.1f} MB, expands to {:.1f} MB\n",
             static_cast<double>(raw.bytes.read) / 1e6,
             static_cast<double>(ours.bytes.expanded) / 1e6);
  fmt::print("bare read    {:9.1f} MB/s of compressed bytes\n", rate(raw.bytes.read, raw));
  fmt::print("bare isal    {:9.1f} MB/s\n", rate(isal.bytes.expanded, isal));
  fmt::print("our stream   {:9.1f} MB/s\n", rate(ours.bytes.expanded, ours));
  fmt::print("ours : isal  {:9.3f}\n",
             rate(ours.bytes.expanded, ours) / rate(isal.bytes.expanded, isal));
  return ours.bytes.expanded == isal.bytes.expanded ? 0 : 1;
}
