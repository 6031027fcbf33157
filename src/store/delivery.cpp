#include "store/delivery.h"

#include <asio/post.hpp>
#include <asio/prefer.hpp>

namespace fleet::store {

LoopSide::LoopSide(Executor executor, std::size_t queue_limit, Work work)
    : executor_(std::move(executor)), work_(work), queue_(queue_limit) {}

void LoopSide::began() {
  if (under_way_++ == 0 && work_ == Work::tracked) {
    busy_ = asio::prefer(executor_, asio::execution::outstanding_work.tracked);
  }
}

void LoopSide::ended(std::size_t jobs) {
  under_way_ -= jobs;
  if (under_way_ == 0) busy_ = Executor();
}

void LoopSide::submit(Job job, Done done, Urgency urgency) {
  Waiting waiting{std::move(job), std::move(done), urgency};
  if (queue_.push(waiting)) {
    began();
    return;
  }
  Error full = refuse(Code::limited, "store_busy", "the store has too many writes waiting");
  full.retry_after_s = 1;
  asio::post(executor_, [done = std::move(waiting.done), full] { done(full); });
}

void post_answers(const std::shared_ptr<LoopSide>& side, Answers answers) {
  asio::post(side->executor(), Delivery(side, std::move(answers)));
}

void Delivery::operator()() {
  const std::shared_ptr<LoopSide> side = side_;
  side->queue().hold();
  try {
    while (next_ < answers_.size()) answer_next();
  } catch (...) {
    if (next_ < answers_.size()) asio::post(side->executor(), std::move(*this));
    side->queue().let_go();
    throw;
  }
  side->queue().let_go();
}

void Delivery::answer_next() {
  Answer answer = std::move(answers_[next_++]);
  side_->ended(1);
  answer.done(std::move(answer.result));
}

}  // namespace fleet::store
