// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/normalise.h"

#include <algorithm>

#include "davy/base/text.h"
#include "davy/intel/address.h"
#include "davy/intel/domain.h"

namespace davy::intel {
namespace {

bool is_hex(char c) {
  return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

bool remove_prefix_ignoring_case(std::string_view& text, std::string_view prefix) {
  if (!equals_ignore_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_image_repository(std::string_view text) {
  return !text.empty() && text.front() != '/' && text.back() != '/' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_ascii_alpha(c) || is_ascii_digit(c) ||
                  std::string_view("._-/:").find(c) != std::string_view::npos;
         });
}

bool is_file_name(std::string_view text) {
  return text.size() >= 3 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 0x7f && c != '/' && c != '\\';
         });
}

std::optional<std::string> normal_domain(std::string_view value) {
  if (!value.empty() && value.back() == '.') value.remove_suffix(1);
  if (value.starts_with("*.")) value.remove_prefix(2);
  return is_domain_name(value) ? std::optional(to_lower(value)) : std::nullopt;
}

std::optional<std::string> normal_ip(std::string_view value) {
  const auto range = parse_range(value);
  return range ? std::optional(to_text(*range)) : std::nullopt;
}

std::optional<std::string> normal_endpoint(std::string_view value) {
  const auto endpoint = parse_endpoint(value);
  return endpoint ? std::optional(to_text(*endpoint)) : std::nullopt;
}

std::optional<std::string> normal_port(std::string_view value) {
  const auto port = parse_int<uint16_t>(value);
  return port && *port != 0 ? std::optional(std::to_string(*port)) : std::nullopt;
}

std::optional<std::string> normal_process_name(std::string_view value) {
  const std::string_view name = file_name(value);
  return name.size() + 4 >= value.size() && is_file_name(name) ? std::optional(to_lower(name))
                                                               : std::nullopt;
}

/// Paths keep their case: Linux tells /tmp/.X11-unix from /tmp/.x11-unix.
std::optional<std::string> normal_path(std::string_view value) {
  const bool absolute = value.starts_with("/") || (value.size() > 3 && value[1] == ':');
  const bool printable = std::none_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!absolute || !printable || value.size() < 2 || value.size() > 1024) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> normal_sha256(std::string_view value) {
  if (value.size() != 64 || !std::all_of(value.begin(), value.end(), is_hex)) return std::nullopt;
  return to_lower(value);
}

std::optional<std::string> normal_image(std::string_view value) {
  const std::string_view repository = image_repository(value);
  return is_image_repository(repository) ? std::optional(to_lower(repository)) : std::nullopt;
}

std::optional<std::string> normal_wallet(std::string_view value) {
  auto wallet = parse_wallet(value);
  return wallet ? std::optional(std::move(wallet->address)) : std::nullopt;
}

}  // namespace

std::string_view image_repository(std::string_view image) {
  for (const auto scheme : {"docker-pullable://", "docker-image://", "docker://", "https://"}) {
    if (remove_prefix_ignoring_case(image, scheme)) break;
  }
  for (const auto registry : {"docker.io/", "index.docker.io/", "registry-1.docker.io/"}) {
    if (remove_prefix_ignoring_case(image, registry)) break;
  }
  remove_prefix_ignoring_case(image, "library/");
  image = image.substr(0, image.find('@'));
  const size_t slash = image.rfind('/');
  const size_t colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
  return image.substr(0, colon);
}

std::string_view file_name(std::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  if (path.size() > 4 && equals_ignore_case(path.substr(path.size() - 4), ".exe")) {
    path.remove_suffix(4);
  }
  return path;
}

std::string_view without_deleted_mark(std::string_view path) {
  constexpr std::string_view kMark = " (deleted)";
  if (path.ends_with(kMark)) path.remove_suffix(kMark.size());
  return path;
}

std::string refang(std::string_view text) {
  struct Spelling {
    std::string_view defanged;
    std::string_view plain;
  };
  // Lower case; longer spellings before those they contain.
  constexpr Spelling kSpellings[] = {
      {"[://]", "://"}, {"[:]//", "://"}, {"[dot]", "."}, {"(dot)", "."}, {"{dot}", "."},
      {"hxxp", "http"}, {"h**p", "http"}, {"[:]", ":"},   {"[.]", "."},   {"(.)", "."},
      {"{.}", "."},     {"[at]", "@"},    {"[@]", "@"},   {"\\.", "."},
  };
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto* row =
        std::find_if(std::begin(kSpellings), std::end(kSpellings), [&](const auto& s) {
          return equals_ignore_case(text.substr(0, s.defanged.size()), s.defanged);
        });
    if (row == std::end(kSpellings)) {
      plain += text.front();
      text.remove_prefix(1);
    } else {
      plain += row->plain;
      text.remove_prefix(row->defanged.size());
    }
  }
  return plain;
}

std::string_view kind_name(IndicatorKind kind) {
  constexpr std::string_view kNames[] = {"domain", "ip",     "ip-port", "port",  "process-name",
                                         "path",   "sha256", "image",   "wallet"};
  return kNames[static_cast<size_t>(kind)];
}

std::string kind_label(const IndicatorEntry& entry) {
  return std::string(entry.malware ? kMalwarePrefix : "") + std::string(kind_name(entry.kind));
}

std::optional<std::string> normal_value(IndicatorKind kind, std::string_view value) {
  using Normalise = std::optional<std::string> (*)(std::string_view);
  constexpr Normalise kByKind[] = {normal_domain, normal_ip,           normal_endpoint,
                                   normal_port,   normal_process_name, normal_path,
                                   normal_sha256, normal_image,        normal_wallet};
  return kByKind[static_cast<size_t>(kind)](value);
}

}  // namespace davy::intel
