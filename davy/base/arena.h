// SPDX-License-Identifier: Apache-2.0
// A bump allocator for the text of one record: what must be unescaped or joined is put here and
// lives until the next reset(). Not thread-safe; each worker owns one.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace davy {

class Arena {
 public:
  /// Uninitialised space for `size` bytes, valid until reset().
  char* allocate(size_t size) {
    if (used_ + size > capacity_) grow(size);
    char* place = current_ + used_;
    used_ += size;
    return place;
  }

  /// Takes back what lies behind the first `size` bytes of `place`, the latest allocation.
  void trim(const char* place, size_t size) {
    used_ = static_cast<size_t>(place - current_) + size;
  }

  /// A copy of `text` that lives until reset().
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* place = allocate(text.size());
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

  /// Forgets everything handed out; keeps the first block for reuse.
  void reset() {
    if (blocks_.size() > 1) blocks_.resize(1);
    used_ = 0;
    if (!blocks_.empty()) {
      current_ = blocks_.front().data.get();
      capacity_ = blocks_.front().size;
    }
  }

 private:
  struct Block {
    std::unique_ptr<char[]> data;
    size_t size;
  };

  void grow(size_t size) {
    const size_t block_size = size > kBlockSize ? size : kBlockSize;
    blocks_.push_back({std::unique_ptr<char[]>(new char[block_size]), block_size});
    current_ = blocks_.back().data.get();
    capacity_ = block_size;
    used_ = 0;
  }

  static constexpr size_t kBlockSize = 64 * 1024;
  std::vector<Block> blocks_;
  char* current_ = nullptr;
  size_t capacity_ = 0;
  size_t used_ = 0;
};

}  // namespace davy
