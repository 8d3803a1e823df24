// SPDX-License-Identifier: Apache-2.0
#include "davy/source/buffered.h"

#include <algorithm>
#include <cstring>

namespace davy::source {

Result<std::string_view> Buffered::window(size_t wanted) {
  if (!buffer_) buffer_.reset(new char[kCapacity]);
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffered() < wanted && begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, buffered());
    end_ -= begin_;
    begin_ = 0;
  }
  while (buffered() < wanted && !ended_ && !failure_) {
    Result<size_t> got = inner_->read(buffer_.get() + end_, kCapacity - end_);
    if (!got) {
      failure_ = std::move(got).error();
    } else {
      ended_ = *got == 0;
      end_ += *got;
    }
  }
  if (buffered() == 0 && failure_) return *failure_;
  return std::string_view(buffer_.get() + begin_, buffered());
}

Result<size_t> Buffered::read(char* buffer, size_t capacity) {
  if (buffered() == 0) {
    if (failure_) return *failure_;
    if (ended_ || capacity == 0) return size_t{0};
    if (capacity >= kStraightThrough) {
      Result<size_t> got = inner_->read(buffer, capacity);
      if (!got)
        failure_ = got.error();
      else
        ended_ = *got == 0;
      return got;
    }
  }
  const std::string_view bytes = DAVY_TRY(window(1));
  const size_t count = std::min(capacity, bytes.size());
  std::memcpy(buffer, bytes.data(), count);
  consume(count);
  return count;
}

}  // namespace davy::source
