// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/kernel_threads.h"

#include <algorithm>
#include <iterator>

#include "davy/base/text.h"

namespace davy::intel {
namespace {

/// What tells a thread of that name from other software.
enum class Form {
  kOwn,        ///< nothing else is called so
  kNumbered,   ///< one per processor, "migration/0": a database migration has no number
  kBracketed,  ///< its brackets
};

struct KernelThread {
  std::string_view name;
  Form form;
};
constexpr KernelThread kKernelThreads[] = {
    {"kworker", Form::kOwn},       {"kswapd", Form::kOwn},        {"ksoftirqd", Form::kOwn},
    {"kthreadd", Form::kOwn},      {"kthrotld", Form::kOwn},      {"kdevtmpfs", Form::kOwn},
    {"rcu_sched", Form::kOwn},     {"rcu_preempt", Form::kOwn},   {"kblockd", Form::kOwn},
    {"khugepaged", Form::kOwn},    {"kauditd", Form::kOwn},       {"kintegrityd", Form::kOwn},
    {"kcompactd", Form::kOwn},     {"khungtaskd", Form::kOwn},    {"migration", Form::kNumbered},
    {"watchdog", Form::kNumbered}, {"cpuhp", Form::kNumbered},    {"watchdogd", Form::kBracketed},
    {"jbd2", Form::kBracketed},    {"scsi_eh", Form::kBracketed},
};

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_ascii_digit);
}

template <typename Matches>
bool any_thread(Matches matches) {
  return std::any_of(std::begin(kKernelThreads), std::end(kKernelThreads), matches);
}

}  // namespace

bool is_kernel_thread_name(std::string_view word) {
  const bool bracketed = word.starts_with('[');
  if (bracketed) word = word.substr(1, word.find(']', 1) - 1);
  return any_thread([&](const KernelThread& thread) {
    if (!word.starts_with(thread.name)) return false;
    const std::string_view rest = word.substr(thread.name.size());
    switch (thread.form) {
      case Form::kOwn:
        if (rest.empty() || is_ascii_digit(rest.front())) return true;
        return bracketed ? !is_ascii_alpha(rest.front())
                         : rest.front() == '/' || rest.front() == ':';
      case Form::kNumbered: return rest.starts_with('/') && all_digits(rest.substr(1));
      case Form::kBracketed: return bracketed && (rest.empty() || !is_ascii_alpha(rest.front()));
    }
    return false;
  });
}

bool is_kernel_thread_path(std::string_view path) {
  if (!path.starts_with('/')) return false;
  const size_t slash = path.rfind('/');
  const std::string_view folder = path.substr(0, slash);
  std::string_view number = path.substr(slash + 1);
  if (number.starts_with('u')) number.remove_prefix(1);
  if (number.empty() || !is_ascii_digit(number.front())) return false;
  return any_thread([&](const KernelThread& thread) {
    return thread.form == Form::kOwn && folder.ends_with(thread.name) &&
           folder[folder.size() - thread.name.size() - 1] == '/';
  });
}

bool begins_with_thread_name(std::string_view text, ThreadNames which) {
  return any_thread([&](const KernelThread& thread) {
    if (which == ThreadNames::kOwn && thread.form != Form::kOwn) return false;
    return text.starts_with(thread.name) &&
           (text.size() == thread.name.size() || !is_ascii_alpha(text[thread.name.size()]));
  });
}

}  // namespace davy::intel
