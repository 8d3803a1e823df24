// SPDX-License-Identifier: Apache-2.0
#include "davy/source/archive.h"

#include <cerrno>
#include <optional>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/source/memory.h"

namespace davy::source {
namespace {

constexpr uint64_t kTarBlock = 512;

class Reader {
 public:
  Reader(std::unique_ptr<Buffered> input, std::shared_ptr<Meter> meter, size_t depth)
      : input_(std::move(input)), meter_(std::move(meter)), depth_(depth) {}
  ~Reader() { archive_read_free(archive_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<void> open() {
    archive_ = archive_read_new();
    if (archive_ == nullptr) return Error(ErrorCode::kIo, "not enough memory");
    archive_read_support_format_tar(archive_);
    archive_read_support_format_zip_streamable(archive_);
    // `cat a.tar b.tar` is one input with the members of both.
    archive_read_set_options(archive_, "tar:read_concatenated_archives");
    if (archive_read_open(archive_, this, nullptr, &Reader::supply, nullptr) == ARCHIVE_OK)
      return {};
    return error("is not a readable archive");
  }

  /// The next file's entry, or nothing at the end.
  Result<std::optional<archive_entry*>> next() {
    for (;;) {
      archive_entry* entry = nullptr;
      const int code = archive_read_next_header(archive_, &entry);
      ++generation_;
      if (code == ARCHIVE_EOF) return std::optional<archive_entry*>{};
      if (code == ARCHIVE_RETRY) {
        note_damage();
        continue;
      }
      if (code < ARCHIVE_WARN) return error(fmt::format("is damaged after {} members", members_));
      if (auto exceeded = meter_->add_member()) return *std::move(exceeded);
      ++members_;
      member_bytes_ = 0;
      if (archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr) {
        return std::optional(entry);
      }
    }
  }

  /// Reads the rest of the input behind the archive: that is where gzip keeps its checksum.
  Result<void> finish() {
    release();
    for (;;) {
      const std::string_view rest = DAVY_TRY(input_->window(1));
      if (rest.empty()) break;
      note_zeros(rest);
      input_->consume(rest.size());
    }
    if (damage_) return *damage_;
    const bool is_tar = (archive_format(archive_) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    if (is_tar && final_zeros_ < kTarBlock) {
      return Error(
          ErrorCode::kInvalidInput,
          fmt::format("ends without tar's end mark after {} members; others may be missing",
                      members_));
    }
    return {};
  }

  /// Bytes of the present member, and with them what ended it early, if anything did.
  Result<size_t> read_member(char* buffer, size_t capacity, std::optional<Error>& failure) {
    capacity = meter_->allowed(member_bytes_, capacity);
    const la_ssize_t got = archive_read_data(archive_, buffer, capacity);
    if (got < 0) return error("the archive's member is damaged");
    const auto count = static_cast<size_t>(got);
    member_bytes_ += count;
    failure = meter_->add_expanded(depth_, count, member_bytes_);
    return count - meter_->surplus(member_bytes_);
  }

  uint64_t generation() const { return generation_; }
  uint64_t members() const { return members_; }

 private:
  static la_ssize_t supply(archive* archive, void* self, const void** buffer) {
    auto* reader = static_cast<Reader*>(self);
    reader->release();
    Result<std::string_view> window = reader->input_->window(1);
    if (!window) {
      reader->input_failure_ = std::move(window).error();
      archive_set_error(archive, EIO, "read error");
      return -1;
    }
    reader->note_zeros(*window);
    *buffer = window->data();
    reader->lent_ = window->size();
    return static_cast<la_ssize_t>(window->size());
  }

  /// A tar that was cut between two members looks whole but for the zeros that should end it.
  void note_zeros(std::string_view piece) {
    const size_t last = piece.find_last_not_of('\0');
    final_zeros_ =
        last == std::string_view::npos ? final_zeros_ + piece.size() : piece.size() - last - 1;
  }

  /// A header that is not one was passed over, and whatever it stood for with it.
  void note_damage() {
    if (!damage_) damage_ = error(fmt::format("lost members after the first {}", members_));
  }

  /// libarchive keeps what supply() gave it until it asks for more.
  void release() { input_->consume(std::exchange(lent_, 0)); }

  /// The input's own failure where that is the cause, else libarchive's words.
  Error error(std::string_view what) const {
    if (input_failure_) return *input_failure_;
    const char* words = archive_error_string(archive_);
    const std::string_view why = words != nullptr ? words : "no reason is known";
    const bool unsupported = contains_ignore_case(why, "unsupported");
    return Error(unsupported ? ErrorCode::kUnsupported : ErrorCode::kInvalidInput,
                 fmt::format("{}: {}", what, printable(why)));
  }

  std::unique_ptr<Buffered> input_;
  std::shared_ptr<Meter> meter_;
  size_t depth_;
  archive* archive_ = nullptr;
  size_t lent_ = 0;
  uint64_t generation_ = 0;
  uint64_t members_ = 0;
  uint64_t member_bytes_ = 0;
  uint64_t final_zeros_ = 0;
  std::optional<Error> input_failure_;
  std::optional<Error> damage_;
};

class MemberStream final : public ByteStream {
 public:
  explicit MemberStream(std::shared_ptr<Reader> reader)
      : reader_(std::move(reader)), generation_(reader_->generation()) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    if (failure_) return *failure_;
    if (reader_->generation() != generation_) {
      return Error(ErrorCode::kInternal, "an archive's member was read after its turn");
    }
    Result<size_t> got = reader_->read_member(buffer, capacity, failure_);
    if (!got) failure_ = got.error();
    if (got && *got == 0 && failure_) return *failure_;
    return got;
  }

 private:
  std::shared_ptr<Reader> reader_;
  uint64_t generation_;
  std::optional<Error> failure_;
};

/// Under the C locale a UTF-8 name cannot be converted to the "current" one; ask for UTF-8 first.
std::string name_of(archive_entry* entry, uint64_t ordinal) {
  if (const char* name = archive_entry_pathname_utf8(entry)) return name;
  if (const char* name = archive_entry_pathname(entry)) return name;
  return fmt::format("member {}", ordinal);
}

}  // namespace

Result<void> read_archive(std::unique_ptr<Buffered> input, std::shared_ptr<Meter> meter,
                          size_t depth, const std::function<Result<void>(Opened)>& each) {
  auto reader = std::make_shared<Reader>(std::move(input), std::move(meter), depth);
  DAVY_TRY(reader->open());
  for (;;) {
    const std::optional<archive_entry*> entry = DAVY_TRY(reader->next());
    if (!entry) return reader->finish();
    Opened member{.path = name_of(*entry, reader->members()), .stream = nullptr};
    if (archive_entry_is_encrypted(*entry) != 0) {
      member.stream = std::make_unique<FailedStream>(
          Error(ErrorCode::kUnsupported, "is encrypted; decrypt the archive first"));
    } else {
      member.stream = std::make_unique<MemberStream>(reader);
    }
    DAVY_TRY(each(std::move(member)));
  }
}

}  // namespace davy::source
