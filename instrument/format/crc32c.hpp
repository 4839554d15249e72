// CRC32C (Castagnoli, reflected polynomial 0x82F63B78), the checksum of chunks and headers. Reference: RFC 3720, B.4.
// Uses the processor's instruction where there is one; the result is the same either way.
#pragma once

#include <cstddef>
#include <cstdint>

namespace interlock::format {

/// CRC32C of `size` bytes at `data`, continued from `crc` (0 to begin). Reentrant.
std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t crc = 0) noexcept;

/// The table-driven way, on every machine: the oracle of the tests.
std::uint32_t crc32c_portable(const void* data, std::size_t size, std::uint32_t crc = 0) noexcept;

}  // namespace interlock::format
