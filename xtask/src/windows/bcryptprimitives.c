/* Wine 8 has no bcryptprimitives.dll, from which the standard library takes its randomness. */

#include <windows.h>

/* RtlGenRandom (ntsecapi.h) by its exported name. */
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length)
{
    return SystemFunction036(buffer, (ULONG)length);
}
