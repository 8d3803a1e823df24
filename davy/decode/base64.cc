// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/base64.h"

#include <climits>
#include <cstring>

#include <openssl/evp.h>

namespace davy::decode {

std::optional<std::string_view> decode_base64(std::string_view text, size_t padding, Arena& arena) {
  if (text.size() % 4 != 0 || text.size() > INT_MAX) return std::nullopt;
  // OpenSSL takes '=' for 'A' anywhere, and gives a byte for each one at the end.
  const size_t equals = text.size() - text.substr(0, text.find('=')).size();
  if (equals > 2 || (equals == 2 && text.back() != '=')) return std::nullopt;
  const size_t size = text.size() / 4 * 3;
  char* place = arena.allocate(size + padding);
  if (!text.empty()) {
    const int written = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(place),
                                        reinterpret_cast<const unsigned char*>(text.data()),
                                        static_cast<int>(text.size()));
    // Fewer: it dropped blanks around the text.
    if (written < 0 || static_cast<size_t>(written) != size) {
      arena.trim(place, 0);
      return std::nullopt;
    }
  }
  std::memset(place + size - equals, 0, padding + equals);
  arena.trim(place, size - equals + padding);
  return std::string_view(place, size - equals);
}

}  // namespace davy::decode
