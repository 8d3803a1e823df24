// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/program.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <poll.h>

namespace davy::tests {
namespace {

/// Both ends of a pipe, not inherited by children unless dup'ed.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(size_t end) {
    if (ends[end] >= 0) ::close(std::exchange(ends[end], -1));
  }
};

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return true;
}

/// Never returns.
[[noreturn]] void become_davy(const std::vector<std::string>& arguments, int in, int out, int err) {
  std::vector<char*> words;
  std::string program = DAVY_BINARY;
  words.push_back(program.data());
  std::vector<std::string> copies = arguments;
  for (std::string& word : copies)
    words.push_back(word.data());
  words.push_back(nullptr);
  ::signal(SIGPIPE, SIG_DFL);  // as a shell starts it
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  for (const char* name : {"DAVY_CONTENT", "DAVY_THREADS", "NO_COLOR"})
    ::unsetenv(name);
  ::execv(program.c_str(), words.data());
  ::_exit(127);
}

/// Reads both pipes until both end, or `wanted` bytes of standard output came.
void read_outputs(Pipe& out, Pipe& err, size_t wanted, Ran& ran) {
  std::array<char, 65536> buffer;
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    std::array<pollfd, 2> waits{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    for (size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      const ssize_t got = ::read(waits[i].fd, buffer.data(), buffer.size());
      std::string& text = i == 0 ? ran.out : ran.err;
      if (got > 0) text.append(buffer.data(), static_cast<size_t>(got));
      if (got == 0 || ran.out.size() >= wanted) (i == 0 ? out : err).close_end(0);
    }
  }
}

Ran run(const std::vector<std::string>& arguments, const Feed& feed, size_t wanted,
        const char* out_file = nullptr) {
  ::signal(SIGPIPE, SIG_IGN);  // a program that stops reading must not end the test
  Pipe in, out, err;
  if (out_file != nullptr) {
    out.close_end(1);
    out.ends[1] = ::open(out_file, O_WRONLY | O_CLOEXEC);
  }
  const pid_t child = ::fork();
  if (child == 0) become_davy(arguments, in.ends[0], out.ends[1], err.ends[1]);
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);

  std::thread feeder([&] {
    if (feed) feed([&](std::string_view bytes) { return write_all(in.ends[1], bytes); });
    in.close_end(1);
  });
  Ran ran;
  read_outputs(out, err, wanted, ran);
  feeder.join();
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) ran.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ran.signal = WTERMSIG(status);
  ran.peak_rss_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  return ran;
}

}  // namespace

nlohmann::json Ran::json() const {
  nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << "not JSON: " << out.substr(0, 300) << "\n" << err;
  return parsed;
}

Ran run_davy(const std::vector<std::string>& arguments) {
  return run(arguments, {}, std::numeric_limits<size_t>::max());
}

Ran run_davy(const std::vector<std::string>& arguments, const Feed& feed) {
  return run(arguments, feed, std::numeric_limits<size_t>::max());
}

Ran run_davy_into(const std::vector<std::string>& arguments, const char* out_file) {
  return run(arguments, {}, std::numeric_limits<size_t>::max(), out_file);
}

Ran run_davy_closing_output(const std::vector<std::string>& arguments, size_t wanted) {
  return run(arguments, {}, wanted);
}

Feed feed_text(std::string text, size_t piece) {
  return [text = std::move(text), piece](const Writer& write) {
    for (size_t at = 0; at < text.size(); at += piece) {
      if (!write(std::string_view(text).substr(at, piece))) return;
    }
  };
}

bool asked_for(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

}  // namespace davy::tests
