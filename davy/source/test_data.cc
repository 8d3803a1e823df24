// SPDX-License-Identifier: Apache-2.0
#include "davy/source/test_data.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <archive.h>
#include <archive_entry.h>
#include <bzlib.h>
#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <zstd.h>

#include "davy/source/memory.h"

namespace davy::source {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "test data cannot be made: %s\n", what);
  std::abort();
}

std::string archived(const Members& members, int (*set_format)(archive*), const char* options) {
  archive* writer = archive_write_new();
  set_format(writer);
  archive_write_add_filter_none(writer);
  archive_write_set_bytes_in_last_block(writer, 1);
  require(archive_write_set_options(writer, options) == ARCHIVE_OK, "archive options");
  archive_write_set_passphrase(writer, "secret");
  size_t total = 1 << 20;
  for (const auto& [name, bytes] : members)
    total += bytes.size() + 4096 + 2 * name.size();
  std::string out(total, '\0');
  size_t used = 0;
  require(archive_write_open_memory(writer, out.data(), out.size(), &used) == ARCHIVE_OK, "open");
  for (const auto& [name, bytes] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    require(archive_write_header(writer, entry) >= ARCHIVE_WARN, "archive header");
    archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_free(writer);
  out.resize(used);
  return out;
}

}  // namespace

std::string gzip(std::string_view bytes) {
  std::vector<uint8_t> level_buffer(ISAL_DEF_LVL1_DEFAULT);
  std::string out(bytes.size() + bytes.size() / 100 + 4096, '\0');
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = level_buffer.data();
  stream.level_buf_size = static_cast<uint32_t>(level_buffer.size());
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uint32_t>(bytes.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uint32_t>(out.size());
  require(isal_deflate(&stream) == COMP_OK && stream.avail_in == 0, "gzip");
  out.resize(stream.total_out);
  return out;
}

std::string zstd(std::string_view bytes, int window_log) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  // Streamed without a stated size, or the window would shrink to the content.
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &output, &input, ZSTD_e_continue);
  require(ZSTD_compressStream2(context, &output, &input, ZSTD_e_end) == 0, "zstd");
  ZSTD_freeCCtx(context);
  out.resize(output.pos);
  return out;
}

std::string bzip2(std::string_view bytes) {
  std::string out(bytes.size() + bytes.size() / 100 + 1024, '\0');
  auto size = static_cast<unsigned>(out.size());
  require(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(bytes.data()),
                                   static_cast<unsigned>(bytes.size()), 1, 0, 0) == BZ_OK,
          "bzip2");
  out.resize(size);
  return out;
}

std::string xz(std::string_view bytes) {
  std::string out(lzma_stream_buffer_bound(bytes.size()), '\0');
  size_t used = 0;
  require(lzma_easy_buffer_encode(
              1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const uint8_t*>(bytes.data()),
              bytes.size(), reinterpret_cast<uint8_t*>(out.data()), &used, out.size()) == LZMA_OK,
          "xz");
  out.resize(used);
  return out;
}

const std::vector<NamedCompressor> kCompressors = {
    {"gzip", gzip},
    {"zstd", [](std::string_view bytes) { return zstd(bytes); }},
    {"bzip2", bzip2},
    {"xz", xz},
};

std::string zip(const Members& members, const char* options) {
  return archived(members, archive_write_set_format_zip, options);
}

std::string tar(const Members& members) {
  return archived(members, archive_write_set_format_pax_restricted, "");
}

std::string sample_log(size_t lines, unsigned seed) {
  std::mt19937 random(seed);
  std::string log;
  for (size_t i = 0; i < lines; ++i) {
    log += fmt::format(
        R"({{"eventVersion":"1.08","eventSource":"ec2.amazonaws.com","eventName":"{}",)"
        R"("sourceIPAddress":"198.51.100.{}","requestID":"{:08x}-{:08x}","awsRegion":"eu-west-1"}})"
        "\n",
        random() % 2 == 0 ? "RunInstances" : "DescribeInstances", random() % 256, random(),
        random());
  }
  return log;
}

std::string AllGot::bytes() const {
  std::string joined;
  for (const Got& got : streams)
    joined += got.bytes;
  return joined;
}

bool AllGot::failed() const {
  for (const Got& got : streams) {
    if (!got.error.empty()) return true;
  }
  return !error.empty();
}

Got drain(Opened opened, size_t read_size) {
  Got got{.path = std::move(opened.path), .bytes = {}, .error = {}};
  std::string buffer(read_size, '\0');
  for (;;) {
    Result<size_t> count = opened.stream->read(buffer.data(), buffer.size());
    if (!count) {
      got.error = count.error().message();
      got.code = count.error().code();
      return got;
    }
    if (*count == 0) return got;
    got.bytes.append(buffer, 0, *count);
  }
}

AllGot peel_all(std::string bytes, const Limits& limits, size_t read_size) {
  AllGot all;
  const Result<void> whole =
      peel({"in", std::make_unique<MemoryStream>(std::move(bytes))}, limits,
           [&](Opened opened) { all.streams.push_back(drain(std::move(opened), read_size)); });
  if (!whole) {
    all.error = whole.error().message();
    all.code = whole.error().code();
  }
  return all;
}

TestFolder::TestFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "davy-source-XXXXXX").string();
  require(::mkdtemp(name.data()) != nullptr, "mkdtemp");
  path_ = std::filesystem::canonical(name).string();
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TestFolder::write(std::string_view name, std::string_view bytes) const {
  const std::string path = *this / name;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

}  // namespace davy::source
