// SPDX-License-Identifier: Apache-2.0
// The vocabulary of miners' command lines: options, algorithms and pool addresses.
#pragma once

#include <cstdint>
#include <string_view>

namespace davy::intel {

/// How much an option says by itself.
enum class OptionWeight : uint8_t {
  kNone,      ///< no miner's option, or one that everybody has
  kSupports,  ///< counts beside a wallet, a pool or a miner's name
  kMiner,     ///< only miners have it
};

/// Judges "--name" or "--name=value"; `next` is the word after it. Sets `family` to the miner or
/// algorithm where the option tells.
OptionWeight weigh_option(std::string_view word, std::string_view next, std::string_view& family);

/// True for options that no program has which fetches pages or searches text: --algo, --coin, --tls
/// (of curl an ambiguous beginning), and what only miners have.
bool tells_miner(std::string_view word, std::string_view next);

/// True for options whose value is the pool: -o, --url, --pool, -P …
bool takes_pool(std::string_view option);

/// Those of them that clients of databases and brokers have not.
bool takes_nothing_but_pools(std::string_view option);

/// True for options of miners that log in at their pool by wallet alone: -wal, -ewal.
bool takes_payee(std::string_view option);

/// True where an option that takes the pool stands right before it: at the end of `before`, which
/// is what its word begins with, or as the word `previous`. A URL with a user says whose it is as
/// well.
bool is_told_pool(std::string_view before, std::string_view previous, std::string_view url);

/// A setting of a miner's configuration file inside a word of JSON text, or empty.
std::string_view find_config_key(std::string_view text);

/// The first pool URL ("stratum+tcp://host:3333") in a text, or empty.
std::string_view find_pool_url(std::string_view text);

/// The host of "scheme://user:password@host:port/path" or "host:port"; `port` is 0 when absent or
/// not a number.
std::string_view host_of(std::string_view url, uint16_t& port);

}  // namespace davy::intel
