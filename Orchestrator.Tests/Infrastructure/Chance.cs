using System.Globalization;
using System.Security.Cryptography;
using FsCheck;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>
/// Chance in tests: the same in each ordinary run, so that one that fails fails for what was changed and fails again; new in each long one (<c>./test --soak</c>), which is
/// there to find what nobody has seen.
/// </summary>
internal static class Chance
{
    private static readonly bool IsNew = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(SoakFactDiscoverer.Variable));

    /// <summary>The seed of a schedule of faults; <c>CHAOS_SEED</c> repeats one.</summary>
    public static int Seed { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("CHAOS_SEED"), CultureInfo.InvariantCulture, out var given) ? given : IsNew ? RandomNumberGenerator.GetInt32(1_000_000) : 1;

    /// <summary>How properties are tried; a failure throws, with its seed.</summary>
    public static Config Properties { get; } = IsNew ? Config.QuickThrowOnFailure : Config.QuickThrowOnFailure.WithReplay(new Replay(new Rnd(1, 3), null));
}
