// How much room the file system has left for us. Asked by the doctor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace fleet::io {

// Bytes that this user may still write in the file system of `path`; empty where nobody can say.
std::optional<std::uint64_t> free_bytes(const std::filesystem::path& path);

}  // namespace fleet::io
