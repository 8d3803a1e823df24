// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over stored inputs, without libFuzzer: NAME_fuzz FILE|FOLDER…
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

/// Every file named or below a folder named, sorted.
std::vector<fs::path> inputs_of(char** places, int count) {
  std::vector<fs::path> inputs;
  for (int i = 0; i < count; ++i) {
    const fs::path place(places[i]);
    std::error_code error;
    if (!fs::is_directory(place, error)) {
      inputs.push_back(place);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(place)) {
      if (entry.is_regular_file()) inputs.push_back(entry.path());
    }
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<fs::path> inputs = inputs_of(argv + 1, argc - 1);
  for (const fs::path& input : inputs) {
    std::ifstream file(input, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "cannot open %s\n", input.c_str());
      return 1;
    }
    const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
    // Named first: a crash then says on which input.
    std::fprintf(stderr, "%s\n", input.c_str());
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  std::printf("%zu inputs ran\n", inputs.size());
  return inputs.empty() ? 1 : 0;
}
