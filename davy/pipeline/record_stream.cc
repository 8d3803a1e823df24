// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/record_stream.h"

#include <algorithm>
#include <cstring>

#include "davy/base/text.h"
#include "davy/decode/audit_cutter.h"
#include "davy/decode/json_framing.h"
#include "davy/decode/line_start.h"
#include "davy/decode/unread.h"

namespace davy::pipeline {
namespace {

using decode::Framing;
using decode::JsonStart;
using decode::RawRecord;

/// Why text that no format knows is rejected: by name where it has one.
std::string_view unknown(const decode::TextProbe& probe) {
  const std::string_view unread = decode::unread_text(probe);
  return unread.empty() ? "not a log format Davy knows" : unread;
}

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

std::string_view first_line(std::string_view data) {
  std::string_view line = data.substr(0, data.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Whether a word of the line begins with a digit.
bool has_number(std::string_view line) {
  for (size_t at = 1; at < line.size(); ++at) {
    if (line[at - 1] == ' ' && is_ascii_digit(line[at])) return true;
  }
  return false;
}

/// Whether a line may be anything but one more line of the format in use. Those of the formats read
/// line by line begin with a digit or hold numbers, as a rule: they are let through without a
/// closer look. Headers are words, or have a separator of CSV.
bool may_leave(std::string_view line) {
  const char c = line[0];
  if (c == '{' || c == '[' || c == '<' || c == '"' || c == '$') return true;
  const bool dated = line.size() > 10 && line[4] == '-' && line[7] == '-';
  if (!dated && !is_ascii_alpha(c)) return false;
  if (line.find('{') != std::string_view::npos) return true;
  if (line.find(" msg=audit(") != std::string_view::npos) return true;
  return !dated && (!has_number(line) || line.find_first_of(",;\t") != std::string_view::npos);
}

}  // namespace

RecordStream::RecordStream(const decode::Catalog& catalog, source::ByteStream& bytes,
                           std::string path, uint32_t source)
    : catalog_(catalog),
      bytes_(bytes),
      stream_(std::make_shared<decode::StreamContext>()),
      home_(catalog.size()) {
  stream_->source = source;
  stream_->path = std::move(path);
  read_path_hints(*stream_);
}

bool RecordStream::next(Batch& batch) {
  batch.records.clear();
  batch.runs.clear();
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
      recognise(data, batch);
      if (!batch.rejects.empty()) return true;
    }
    if (family_ == Family::kUnknown) {
      batch.rejects.push_back({offset_, unknown(probe_of(data, stream_->path))});
      offset_ += size;
      carry_.clear();
      batch.stream = stream_;
      return true;
    }

    const size_t consumed = cut(data, batch);
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

/// Drops what may stand before the first record: blanks, and the NULs that padding leaves.
bool RecordStream::skip_blanks(std::string_view data, Batch& batch) {
  const auto is_blank = [](char c) { return is_ascii_space(c) || c == '\0'; };
  const size_t blanks =
      static_cast<size_t>(std::find_if_not(data.begin(), data.end(), is_blank) - data.begin());
  if (blanks == 0) return false;
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

void RecordStream::recognise(std::string_view data, Batch& batch) {
  if (decode::begins_like_json(data) || decode::json_prefix(first_line(data)) > 0)
    return enter_json();
  const decode::TextProbe probe = probe_of(data, stream_->path);
  const size_t format = catalog_.recognise_text(probe);
  const bool known = format != catalog_.size();
  family_ = known ? Family::kText : Family::kUnknown;
  if (known && catalog_.format(format).framing == Framing::kLines) {
    home_ = format;
    set_layout(probe);
  }
  format_ = format;
  if (!known || catalog_.format(format).framing == Framing::kWhole)
    skip_to_first_known(data, batch);
}

/// Lines before the first one that is known are rejected one by one. Without one in the first block
/// the stream is left as it is.
void RecordStream::skip_to_first_known(std::string_view data, Batch& batch) {
  std::vector<BatchReject> strays;
  for (size_t begin = 0; begin < data.size();) {
    const size_t end = data.find('\n', begin);
    if (end == std::string_view::npos && !at_end_) return;
    const std::string_view line = first_line(data.substr(begin));
    const LineWay way = line.empty() ? LineWay{} : way_of(data.substr(begin));
    const bool whole = way.way == Way::kUnknown && !line.empty() &&
                       catalog_.recognise_text({{line}, stream_->path}) != catalog_.size();
    if (whole && family_ == Family::kText) return;  // what stands before is part of the listing
    if (whole) {
      family_ = Family::kText;
      format_ = catalog_.recognise_text({{line}, stream_->path});
    } else if (way.way == Way::kJson || way.way == Way::kText) {
      enter(way, data.substr(begin));
    }
    if (whole || way.way == Way::kJson || way.way == Way::kText) {
      batch.rejects = std::move(strays);
      batch.stream = stream_;
      return drop(data, begin);
    }
    if (!trim(line).empty()) strays.push_back({offset_ + begin, unknown({{line}, stream_->path})});
    begin = end == std::string_view::npos ? data.size() : end + 1;
  }
}

/// How the line at the beginning of `data` is cut, whatever was cut before it.
RecordStream::LineWay RecordStream::way_of(std::string_view data) const {
  switch (decode::json_start(data)) {
    case JsonStart::kYes: return {Way::kJson};
    case JsonStart::kUndecided:
      if (!at_end_) return {Way::kUndecided};
      break;
    case JsonStart::kNo: break;
  }
  const std::string_view line = first_line(data);
  const size_t format = catalog_.recognise_text({{line}, stream_->path});
  const bool known = format != catalog_.size();
  if (known && catalog_.format(format).framing == Framing::kAudit) return {Way::kText, format};
  if (decode::json_prefix(line) > 0) return {Way::kJson};
  if (known && catalog_.format(format).framing == Framing::kLines) {
    const bool header = is_ascii_alpha(line[0]) || line[0] == '"' || line[0] == '$';
    if (header || home_ == catalog_.size()) return {Way::kText, format, true};
  }
  return home_ == catalog_.size() ? LineWay{} : LineWay{Way::kText, home_};
}

void RecordStream::enter(const LineWay& way, std::string_view data) {
  if (way.way == Way::kJson) return enter_json();
  family_ = Family::kText;
  format_ = way.format;
  if (!way.header) return;
  home_ = way.format;
  set_layout({{first_line(data)}, stream_->path});
}

void RecordStream::enter_json() {
  family_ = Family::kJson;
  json_begins_ = true;
  cutter_ = decode::JsonCutter();
  cutter_.leave_where([this](std::string_view data) { return way_of(data).way == Way::kText; });
}

/// A new layout means a new context: workers may still hold batches of the old one.
void RecordStream::set_layout(const decode::TextProbe& probe) {
  const decode::Format& format = catalog_.format(home_);
  auto stream = std::make_shared<decode::StreamContext>(*stream_);
  stream->layout = format.read_layout == nullptr ? nullptr : format.read_layout(probe);
  stream_ = std::move(stream);
}

/// Cuts what is complete in `data`; returns how much that is.
size_t RecordStream::cut(std::string_view data, Batch& batch) {
  size_t at = 0;
  for (bool goes_on = true; goes_on && at < data.size();) {
    goes_on = family_ == Family::kJson ? cut_json(data, batch, at) : cut_text(data, batch, at);
  }
  return at;
}

/// The records since the run before are decoded alike.
void RecordStream::end_run(Batch& batch) {
  const size_t before = batch.runs.empty() ? 0 : batch.runs.back().end;
  if (batch.records.size() == before) return;
  const auto format = family_ == Family::kJson ? std::nullopt : std::optional<size_t>(format_);
  batch.runs.push_back({batch.records.size(), format, stream_});
}

// The functions below cut from `at` on and move it. True when what follows is to be cut another
// way; false when more bytes are needed.

bool RecordStream::cut_json(std::string_view data, Batch& batch, size_t& at) {
  // The cutter judges by the first lines: it has to see as many of them wherever a block ends.
  const std::string_view rest = data.substr(at);
  if (json_begins_ && at > 0 && !at_end_ && rest.size() < kBlockBytes / 2) return false;
  json_begins_ = false;
  cutter_.cut(rest, at_end_, cut_);
  if (batch.records.empty()) {
    batch.records.swap(cut_.records);
  } else {
    batch.records.insert(batch.records.end(), cut_.records.begin(), cut_.records.end());
  }
  const size_t before = batch.runs.empty() ? 0 : batch.runs.back().end;
  if (at > 0) {
    for (size_t i = before; i < batch.records.size(); ++i)
      batch.records[i].begin += at;
  }
  for (const decode::CutReject& reject : cut_.rejects)
    batch.rejects.push_back({offset_ + at + reject.begin, reject.reason});
  end_run(batch);
  at += cut_.consumed;
  if (!cut_.left) return false;
  enter(way_of(data.substr(at)), data.substr(at));
  return true;
}

bool RecordStream::cut_text(std::string_view data, Batch& batch, size_t& at) {
  switch (catalog_.format(format_).framing) {
    case Framing::kAudit: return cut_audit_lines(data, batch, at);
    case Framing::kWhole: {
      if (!at_end_ && data.size() < kMaxRecordBytes) return false;
      batch.records.push_back({at, data.size() - at});
      end_run(batch);
      at = data.size();
      return false;
    }
    default: return cut_lines(data, batch, at);
  }
}

bool RecordStream::cut_audit_lines(std::string_view data, Batch& batch, size_t& at) {
  const std::string_view rest = data.substr(at);
  LineWay next;
  const auto leaves = [&](size_t line) {
    if (trim(first_line(rest.substr(line))).empty()) return false;
    const LineWay way = way_of(rest.substr(line));
    if (way.way != Way::kJson && way.way != Way::kText) return false;
    next = way;
    return true;
  };
  const size_t first = batch.records.size();
  const size_t consumed = decode::cut_audit(rest, at_end_, batch.records, leaves);
  for (size_t i = first; i < batch.records.size(); ++i)
    batch.records[i].begin += at;
  end_run(batch);
  at += consumed;
  if (next.way == Way::kUnknown) return false;
  enter(next, data.substr(at));
  return true;
}

bool RecordStream::cut_lines(std::string_view data, Batch& batch, size_t& at) {
  while (at < data.size()) {
    const void* found = std::memchr(data.data() + at, '\n', data.size() - at);
    if (found == nullptr && !at_end_) break;
    const size_t end = found == nullptr
                           ? data.size()
                           : static_cast<size_t>(static_cast<const char*>(found) - data.data());
    std::string_view line = data.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const LineWay next =
        !line.empty() && may_leave(line) ? way_of(data.substr(at)) : LineWay{Way::kText, format_};
    if (next.way != Way::kText || next.format != format_ || next.header) {
      end_run(batch);
      if (next.way == Way::kUndecided) return false;
      enter(next, data.substr(at));
      if (!next.header) return true;
    }
    if (!line.empty()) batch.records.push_back({at, line.size()});
    at = found == nullptr ? data.size() : end + 1;
  }
  end_run(batch);
  return false;
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
