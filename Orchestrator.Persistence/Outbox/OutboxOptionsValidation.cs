using Microsoft.Extensions.Options;

namespace Orchestrator.Persistence.Outbox;

/// <summary>All errors at once: setting, rule, value found.</summary>
internal sealed class OutboxOptionsValidation : IValidateOptions<OutboxOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboxOptions options)
    {
        var errors = new List<string>();
        void Range<T>(string setting, T value, T min, T max)
            where T : IComparable<T>
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
                errors.Add($"Outbox {setting} is {value}; give it a value from {min} to {max}.");
        }

        Range(nameof(options.SweepInterval), options.SweepInterval, TimeSpan.FromSeconds(0.1), TimeSpan.FromMinutes(1));
        Range(nameof(options.ForgottenAfter), options.ForgottenAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Range(nameof(options.ConcurrentSends), options.ConcurrentSends, 1, 1000);
        Range(nameof(options.SendTimeout), options.SendTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Range(nameof(options.MaxAttempts), options.MaxAttempts, 1, 1000);
        Range(nameof(options.RetryDelay), options.RetryDelay, TimeSpan.FromSeconds(0.1), TimeSpan.FromHours(1));
        Range(nameof(options.MaxRetryDelay), options.MaxRetryDelay, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Range(nameof(options.RemoveWindow), options.RemoveWindow, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
