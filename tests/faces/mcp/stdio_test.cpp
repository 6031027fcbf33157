#include "faces/mcp/stdio.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "support/toy_catalogue.h"

namespace fleet::mcp {
namespace {

using nlohmann::json;

std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
  LineBuffer buffer;
  std::vector<std::string> out;
  std::string line;
  for (const std::string& piece : pieces) {
    buffer.append(piece);
    for (auto next = buffer.next(line); next != LineBuffer::Next::none; next = buffer.next(line)) {
      out.push_back(next == LineBuffer::Next::line ? line : "too long");
    }
  }
  return out;
}

TEST(LineBuffer, joins_what_arrives_in_pieces) {
  EXPECT_EQ(lines_of({"a", "b\nc", "\n\nd"}), (std::vector<std::string>{"ab", "c", ""}));
}

TEST(LineBuffer, drops_a_line_that_is_too_long_and_goes_on_behind_it) {
  const std::string big(kLineBytes, 'x');
  EXPECT_EQ(lines_of({big, "y", "zz", "\nnext\n"}), (std::vector<std::string>{"too long", "next"}));
  EXPECT_EQ(lines_of({big + "y\nnext\n"}), (std::vector<std::string>{"too long", "next"}));
  EXPECT_EQ(lines_of({big + "\n"}), (std::vector<std::string>{big}));
}

struct StdioTest : testing::Test {
  toy::World world;
  std::array<int, 2> to_server{};
  std::array<int, 2> from_server{};
  std::unique_ptr<Stdio> stdio;
  bool ended = false;

  StdioTest() {
    EXPECT_EQ(pipe(to_server.data()), 0);
    EXPECT_EQ(pipe(from_server.data()), 0);
    Stdio::Needs needs{world.catalogue, *world.dispatcher, world.clock};
    stdio = std::make_unique<Stdio>(world.loop.get_executor(), to_server[0], from_server[1], needs,
                                    catalogue::Caller{});
    auto watch = [](Stdio* server, bool* flag) -> Task<void> {
      co_await server->run();
      *flag = true;
    };
    asio::co_spawn(world.loop, watch(stdio.get(), &ended), asio::detached);
  }
  ~StdioTest() override { close(from_server[0]); }

  void feed(const std::string& text) {
    EXPECT_EQ(write(to_server[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string said() {
    std::string text(64 * 1024, '\0');
    const ssize_t size = read(from_server[0], text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }
};

TEST_F(StdioTest, answers_every_line_and_ends_with_the_input) {
  feed("{broken\n\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n");
  feed("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}");
  close(to_server[1]);
  world.loop.run();
  EXPECT_TRUE(ended);
  const std::string text = said();
  EXPECT_NE(text.find("-32700"), std::string::npos);
  EXPECT_NE(text.find("{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":{}}\n"), std::string::npos);
  EXPECT_NE(text.find("\"id\":2"), std::string::npos);
}

TEST_F(StdioTest, ends_when_it_is_told_to) {
  world.loop.poll();
  stdio->stop();
  world.loop.restart();
  world.loop.run();
  EXPECT_TRUE(ended);
  close(to_server[1]);
}

}  // namespace
}  // namespace fleet::mcp
