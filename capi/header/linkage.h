
#if defined(_WIN32) && !defined(ENL_STATIC)
#define ENL_API __declspec(dllimport)
#else
#define ENL_API
#endif
