using System.Runtime.CompilerServices;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>Many nodes share this process, where each would have a pool of threads for itself: one that blocks a thread on purpose must not hold up the others.</summary>
internal static class Threads
{
    [ModuleInitializer]
    internal static void HaveEnough() => ThreadPool.SetMinThreads(32, 32);
}
