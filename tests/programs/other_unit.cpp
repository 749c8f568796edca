// A second translation unit that includes enlarger.hpp.

#include <enlarger.hpp>
bool other_unit(const enlarger::Registry &registry);
bool other_unit(const enlarger::Registry &registry) {
    enlarger::Options options(registry);
    return enlarger::Upscaler(registry, options.set("engine", "rten")).plan(10, 10).width == 40;
}
