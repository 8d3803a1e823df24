// SPDX-License-Identifier: Apache-2.0
// Runs a command three times and prints the medians of a whole process, for bench/run.sh:
//   measure [-i FILE|-c SHELL_COMMAND] PROGRAM ARGUMENT…   ->   WALL_S CPU_S PEAK_RSS_MIB
// -i gives FILE as standard input, -c the output of a shell command. Output goes to /dev/null. Exit
// codes 0 and 1 (something was found) count as success.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace {

constexpr size_t kRounds = 3;

struct Sample {
  double wall_s = 0;
  double cpu_s = 0;
  double rss_mib = 0;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Standard input of the child: /dev/null, a file, or a pipe from `sh -c feed`.
struct Feed {
  const char* file = "/dev/null";
  const char* command = nullptr;
};

pid_t start_feeder(const char* command, int out) {
  const pid_t feeder = ::fork();
  if (feeder != 0) return feeder;
  ::dup2(out, 1);
  ::execl("/bin/sh", "sh", "-c", command, static_cast<char*>(nullptr));
  ::_exit(127);
}

std::optional<Sample> run_once(const Feed& feed, char** command) {
  const auto begin = std::chrono::steady_clock::now();
  std::array<int, 2> pipe{-1, -1};
  pid_t feeder = -1;
  if (feed.command != nullptr) {
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return std::nullopt;
    feeder = start_feeder(feed.command, pipe[1]);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(feed.command != nullptr ? pipe[0] : ::open(feed.file, O_RDONLY), 0);
    ::dup2(nowhere, 1);
    ::execvp(command[0], command);
    ::_exit(127);
  }
  for (int end : pipe)
    if (end >= 0) ::close(end);
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child) return std::nullopt;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  if (feeder > 0) ::waitpid(feeder, nullptr, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) return std::nullopt;
  return Sample{wall.count(), seconds(usage.ru_utime) + seconds(usage.ru_stime),
                static_cast<double>(usage.ru_maxrss) / 1024};
}

double median(std::array<Sample, kRounds> samples, double Sample::* figure) {
  std::sort(samples.begin(), samples.end(),
            [&](const Sample& a, const Sample& b) { return a.*figure < b.*figure; });
  return samples[kRounds / 2].*figure;
}

}  // namespace

int main(int argc, char** argv) {
  Feed feed;
  int first = 1;
  if (argc > 3 && std::strcmp(argv[1], "-i") == 0) feed.file = argv[2], first = 3;
  if (argc > 3 && std::strcmp(argv[1], "-c") == 0) feed.command = argv[2], first = 3;
  if (first >= argc) {
    std::fputs("usage: measure [-i FILE|-c SHELL_COMMAND] PROGRAM ARGUMENT...\n", stderr);
    return 2;
  }
  std::array<Sample, kRounds> samples;
  for (Sample& sample : samples) {
    const auto done = run_once(feed, argv + first);
    if (!done) {
      fmt::print(stderr, "measure: {} failed\n", argv[first]);
      return 1;
    }
    sample = *done;
  }
  fmt::print("{:.3f} {:.3f} {:.0f}\n", median(samples, &Sample::wall_s),
             median(samples, &Sample::cpu_s), median(samples, &Sample::rss_mib));
  return 0;
}
