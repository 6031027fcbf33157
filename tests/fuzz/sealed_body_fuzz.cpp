// The layout inside a seal, as a sender with a valid key could write it: the input is taken for the
// plain bytes. What is read back fits the limits.
#include "fleet/model/sealed_body.h"

#include "check.h"

namespace {

using namespace fleet;

// Opens everything to the same bytes; the keys around it are of no interest here.
struct OpenedAlready final : Crypto, BoxKey {
  std::string plain, key = std::string(kKeySize, 'k');
  const std::string& public_key() const override { return key; }
  std::optional<Secret> agree(std::string_view) const override { return Secret(kKeySize); }
  SigningKeyPtr signing_key(const Secret&) const override { return nullptr; }
  BoxKeyPtr box_key(const Secret&) const override { return nullptr; }
  Result<VerifyKeyPtr> verify_key(std::string_view) const override { return VerifyKeyPtr(); }
  Secret hkdf_sha256(const Secret&, std::string_view, std::string_view,
                     std::size_t size) const override {
    return Secret(size);
  }
  std::string seal(const Secret&, std::string_view, std::string_view,
                   std::string_view) const override {
    return {};
  }
  std::optional<std::string> open(const Secret&, std::string_view, std::string_view,
                                  std::string_view) const override {
    return plain;
  }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  OpenedAlready opened;
  opened.plain = fuzz::text_of(data, size);
  const MessageHeader header;
  const auto body = open_body(opened, opened, header, "key", std::string(64, 'e'));
  if (body) fuzz::check(check_body(*body).ok());
  return 0;
}
