// SPDX-License-Identifier: Apache-2.0
// The floor under any JSON reader: simdjson On-Demand visits every value of every record and
// unescapes every string, and does nothing with them. JSON lines in blocks, one core.
//
//   simdjson_walk FILE
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <simdjson.h>

namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kBlockBytes = 1 << 20;

struct Counts {
  uint64_t records = 0;
  uint64_t values = 0;
  uint64_t text_bytes = 0;  ///< also keeps the compiler from dropping the work
};

void walk(ondemand::value value, Counts& counts);

void walk_object(ondemand::object object, Counts& counts) {
  for (auto field : object) {
    counts.text_bytes += std::string_view(field.unescaped_key()).size();
    walk(field.value(), counts);
  }
}

void walk(ondemand::value value, Counts& counts) {
  ++counts.values;
  switch (value.type()) {
    case ondemand::json_type::object: walk_object(value.get_object(), counts); break;
    case ondemand::json_type::array:
      for (auto element : value.get_array())
        walk(element.value(), counts);
      break;
    case ondemand::json_type::string:
      counts.text_bytes += std::string_view(value.get_string()).size();
      break;
    default: counts.text_bytes += std::string_view(value.raw_json_token()).size(); break;
  }
}

/// Every complete line of `block`; returns the bytes used.
size_t walk_lines(std::vector<char>& block, size_t size, ondemand::parser& parser, Counts& counts) {
  size_t at = 0;
  while (const void* end = std::memchr(block.data() + at, '\n', size - at)) {
    const auto length = static_cast<size_t>(static_cast<const char*>(end) - block.data()) - at;
    auto document =
        parser.iterate(simdjson::padded_string_view(block.data() + at, length, block.size() - at));
    walk_object(document.get_object(), counts);
    ++counts.records;
    at += length + 1;
  }
  return at;
}

}  // namespace

int main(int argc, char** argv) {
  const int file = argc == 2 ? ::open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) {
    std::fputs("usage: simdjson_walk FILE (JSON lines)\n", stderr);
    return 2;
  }
  std::vector<char> block(2 * kBlockBytes + simdjson::SIMDJSON_PADDING);
  ondemand::parser parser;
  Counts counts;
  size_t kept = 0;
  try {
    for (;;) {
      const ssize_t got = ::read(file, block.data() + kept, kBlockBytes);
      if (got <= 0) break;
      const size_t size = kept + static_cast<size_t>(got);
      const size_t used = walk_lines(block, size, parser, counts);
      kept = size - used;
      if (kept > kBlockBytes) return 1;
      std::memmove(block.data(), block.data() + used, kept);
    }
  } catch (const simdjson::simdjson_error& error) {
    std::fprintf(stderr, "simdjson_walk: %s\n", error.what());
    return 1;
  }
  ::close(file);
  std::printf("%llu records, %llu values, %llu bytes of text\n",
              static_cast<unsigned long long>(counts.records),
              static_cast<unsigned long long>(counts.values),
              static_cast<unsigned long long>(counts.text_bytes));
  return counts.records > 0 ? 0 : 1;
}
