#include "io/git_context.h"

#include <algorithm>
#include <string_view>

#include "io/file_io.h"

namespace fleet::io {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kSmall = 4 * 1024;           // HEAD, a ref, a gitdir link
constexpr std::size_t kPacked = 16 * 1024 * 1024;  // packed-refs of a large repository
constexpr std::string_view kRef = "ref: ";
constexpr std::string_view kHeads = "refs/heads/";
constexpr std::string_view kLink = "gitdir: ";

std::string first_line(const fs::path& file) {
  Result<std::string> text = read_file(file, kSmall);
  if (!text) return "";
  return text->substr(0, text->find_first_of("\r\n"));
}

bool is_commit(std::string_view text) {
  const bool sized = text.size() == 40 || text.size() == 64;
  return sized && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A worktree and a submodule have a file in the place of the folder.
fs::path git_dir(const fs::path& folder) {
  const fs::path dot_git = folder / ".git";
  const std::string link = first_line(dot_git);
  if (!link.starts_with(kLink)) return dot_git;
  return folder / link.substr(kLink.size());  // an absolute path replaces the folder
}

// Branches of a worktree live in the repository it belongs to.
fs::path refs_dir(const fs::path& dir) {
  const std::string shared = first_line(dir / "commondir");
  return shared.empty() ? dir : dir / shared;
}

std::string packed_commit(const fs::path& dir, std::string_view ref) {
  const Result<std::string> text = read_file(dir / "packed-refs", kPacked);
  if (!text) return "";
  const std::string wanted = " " + std::string(ref) + "\n";
  const std::size_t at = text->find(wanted);
  if (at == std::string::npos) return "";
  const std::size_t line = text->rfind('\n', at);
  const std::size_t begin = line == std::string::npos ? 0 : line + 1;
  std::string commit = text->substr(begin, at - begin);
  return is_commit(commit) ? commit : "";
}

std::string commit_of(const fs::path& dir, const std::string& ref) {
  const std::string loose = first_line(dir / ref);
  return is_commit(loose) ? loose : packed_commit(dir, ref);
}

}  // namespace

GitState read_git_state(const fs::path& folder) {
  const fs::path dir = git_dir(folder);
  const std::string head = first_line(dir / "HEAD");
  if (is_commit(head)) return {"", head};
  if (!head.starts_with(kRef)) return {};
  const std::string ref = head.substr(kRef.size());
  if (!ref.starts_with(kHeads) || ref.find("..") != std::string::npos) return {};
  return {ref.substr(kHeads.size()), commit_of(refs_dir(dir), ref)};
}

Task<GitState> GitFolder::read() {
  auto job = [folder = folder_] { return read_git_state(folder); };
  std::string lane = "git-context";
  try {
    GitState state = co_await pool_.run(std::move(lane), std::move(job));
    co_return state;
  } catch (const OffloadRefused&) {
  }
  co_return GitState{};
}

}  // namespace fleet::io
