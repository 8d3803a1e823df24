// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/record_stream.h"

#include <algorithm>
#include <cstring>

#include "davy/base/text.h"
#include "davy/decode/audit_cutter.h"
#include "davy/decode/json_framing.h"
#include "davy/decode/unread.h"

namespace davy::pipeline {
namespace {

using decode::Framing;
using decode::RawRecord;

/// "…/AWSLogs/123456789012/CloudTrail/eu-west-1/…": what the delivery path says when records do
/// not.
void read_path_hints(decode::StreamContext& stream) {
  const auto parts = split(stream.path, '/');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    if (parts[i] != "AWSLogs") continue;
    size_t at = i + 1;
    if (parts[at].starts_with("o-") && at + 1 < parts.size()) ++at;  // organisation trail
    if (parts[at].size() == 12 && parse_int(parts[at])) stream.account_hint = parts[at];
    if (at + 2 < parts.size() && parts[at + 2].find('-') != std::string_view::npos) {
      stream.region_hint = parts[at + 2];
    }
  }
}

decode::TextProbe probe_of(std::string_view data, std::string_view path) {
  constexpr size_t kProbeBytes = 64 << 10;
  constexpr size_t kProbeLines = 20;
  decode::TextProbe probe;
  probe.path = path;
  data = data.substr(0, kProbeBytes);
  while (!data.empty() && probe.lines.size() < kProbeLines) {
    const size_t end = data.find('\n');
    std::string_view line = data.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    probe.lines.push_back(line);
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  return probe;
}

}  // namespace

RecordStream::RecordStream(const decode::Catalog& catalog, source::ByteStream& bytes,
                           std::string path, uint32_t source)
    : catalog_(catalog), bytes_(bytes), stream_(std::make_shared<decode::StreamContext>()) {
  stream_->source = source;
  stream_->path = std::move(path);
  read_path_hints(*stream_);
}

bool RecordStream::next(Batch& batch) {
  batch.records.clear();
  batch.rejects.clear();
  if (at_end_ && carry_.empty()) return false;
  if (family_ == Family::kUnknown) return false;

  size_t target = kBlockBytes;
  for (;;) {
    const bool read_something = fill(batch, target);
    const size_t size = batch.buffer.size() - RawRecord::kPadding;
    const std::string_view data(batch.buffer.data(), size);
    batch.offset = offset_;
    if (size == 0) return false;
    if (skipping_) {
      skip_overlong(data);
      batch.stream = stream_;
      return true;
    }
    if (family_ == Family::kUndecided) {
      if (skip_blanks(data, batch)) return true;
      recognise(data);
    }
    if (family_ == Family::kUnknown) {
      const std::string_view unread = decode::unread_text(probe_of(data, stream_->path));
      batch.rejects.push_back({0, unread.empty() ? "not a log format Davy knows" : unread});
      offset_ += size;
      carry_.clear();
      batch.stream = stream_;
      return true;
    }

    size_t consumed = 0;
    if (family_ == Family::kJson) {
      cutter_.cut(data, at_end_, cut_);
      batch.records.swap(cut_.records);
      for (const decode::CutReject& reject : cut_.rejects) {
        batch.rejects.push_back({offset_ + reject.begin, reject.reason});
      }
      consumed = cut_.consumed;
    } else {
      cut_text(data, batch, consumed);
    }
    batch.is_json = family_ == Family::kJson;
    batch.format = format_;
    batch.stream = stream_;
    carry_.assign(batch.buffer.data() + consumed, batch.buffer.data() + size);
    offset_ += consumed;
    if (consumed > 0) return true;
    if (at_end_ || !read_something) {
      if (!carry_.empty()) batch.rejects.push_back({offset_, "truncated record"});
      carry_.clear();
      return true;
    }
    if (size >= kMaxRecordBytes) {
      give_up_record(data, batch);
      return true;
    }
    target = std::min(size * 2, kMaxRecordBytes);
  }
}

/// Carry plus fresh bytes up to `target`. False when the stream gave nothing new.
bool RecordStream::fill(Batch& batch, size_t target) {
  size_t used = carry_.size();
  // Never past the limit: whether a record is too long must not depend on where it begins.
  const size_t goal = std::min(std::max(target, used + kBlockBytes / 2), kMaxRecordBytes);
  batch.buffer.resize(goal + RawRecord::kPadding);
  if (used > 0) std::memcpy(batch.buffer.data(), carry_.data(), used);
  const size_t before = used;
  while (!at_end_ && used < goal) {
    auto got = bytes_.read(batch.buffer.data() + used, goal - used);
    if (!got) {
      error_ = got.error().message();
      at_end_ = true;
    } else if (*got == 0) {
      at_end_ = true;
    } else {
      used += *got;
    }
  }
  bytes_read_ += used - before;
  batch.buffer.resize(used + RawRecord::kPadding);
  std::memset(batch.buffer.data() + used, 0, RawRecord::kPadding);
  return used > before;
}

/// Drops what may stand before the first record. NULs are the hole of a log that was truncated
/// while it was written: lost data, counted.
bool RecordStream::skip_blanks(std::string_view data, Batch& batch) {
  const auto is_blank = [](char c) { return is_ascii_space(c) || c == '\0'; };
  const size_t blanks =
      static_cast<size_t>(std::find_if_not(data.begin(), data.end(), is_blank) - data.begin());
  if (blanks == 0) return false;
  if (!in_hole_ && data.substr(0, blanks).find('\0') != std::string_view::npos) {
    in_hole_ = true;
    batch.rejects.push_back({offset_, "NUL bytes between records"});
  }
  drop(data, blanks);
  batch.stream = stream_;
  return true;
}

/// Of a record longer than kMaxRecordBytes.
void RecordStream::give_up_record(std::string_view data, Batch& batch) {
  cut_.clear();
  if (family_ == Family::kJson) {
    cutter_.give_up(data, cut_);
  } else {
    cut_.rejects.push_back({0, "record longer than 64 MiB"});
  }
  skipping_ = !cut_.rejects.empty();
  for (const decode::CutReject& reject : cut_.rejects)
    batch.rejects.push_back({offset_ + reject.begin, reject.reason});
  drop(data, cut_.consumed);
}

void RecordStream::drop(std::string_view data, size_t size) {
  offset_ += size;
  carry_.assign(data.begin() + static_cast<std::ptrdiff_t>(size), data.end());
}

void RecordStream::recognise(std::string_view data) {
  if (decode::begins_like_json(data)) {
    family_ = Family::kJson;
  } else {
    format_ = catalog_.recognise_text(probe_of(data, stream_->path));
    family_ = format_ == catalog_.size() ? Family::kUnknown : Family::kText;
    if (family_ == Family::kText) set_layout(data);
  }
}

/// A new layout means a new context: workers may still hold batches of the old one.
void RecordStream::set_layout(std::string_view data) {
  const decode::Format& format = catalog_.format(format_);
  if (format.read_layout == nullptr) return;
  stream_ = std::make_shared<decode::StreamContext>(*stream_);
  stream_->layout = format.read_layout(probe_of(data, stream_->path));
}

void RecordStream::cut_text(std::string_view data, Batch& batch, size_t& consumed) {
  const decode::Format& format = catalog_.format(format_);
  if (format.framing == Framing::kWhole) {
    if (!at_end_ && data.size() < kMaxRecordBytes) return;
    batch.records.push_back({0, data.size()});
    consumed = data.size();
    return;
  }
  if (format.framing == Framing::kAudit) {
    consumed = decode::cut_audit(data, at_end_, batch.records);
    return;
  }
  size_t begin = 0;
  while (begin < data.size()) {
    const void* found = std::memchr(data.data() + begin, '\n', data.size() - begin);
    if (found == nullptr && !at_end_) break;
    const size_t end = found == nullptr
                           ? data.size()
                           : static_cast<size_t>(static_cast<const char*>(found) - data.data());
    std::string_view line = data.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t next = found == nullptr ? data.size() : end + 1;

    if (!line.empty()) {
      const bool maybe_header = format.read_layout != nullptr && is_ascii_alpha(line[0]) &&
                                offset_ + begin > 0 && format.looks_like_text({{line}, {}});
      if (maybe_header) {
        if (!batch.records.empty()) {  // its records need the old layout: end the batch here
          consumed = begin;
          return;
        }
        set_layout(data.substr(begin));
      }
      batch.records.push_back({begin, line.size()});
    }
    begin = next;
  }
  consumed = begin;
}

void RecordStream::skip_overlong(std::string_view data) {
  cut_.clear();
  if (family_ == Family::kJson) {
    skipping_ = !cutter_.skip(data, cut_);
  } else {
    const size_t end = data.find('\n');
    skipping_ = end == std::string_view::npos;
    cut_.consumed = skipping_ ? data.size() : end + 1;
  }
  drop(data, skipping_ && at_end_ ? data.size() : cut_.consumed);
}

}  // namespace davy::pipeline
