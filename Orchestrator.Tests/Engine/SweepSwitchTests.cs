using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Reconcile;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Tests.Engine;

[Trait("Requirement", "OPS-5")]
public sealed class SweepSwitchTests
{
    [Fact]
    public void Every_sweep_has_a_switch_of_its_own()
    {
        var on = ListOf(new SweepOptions { Enabled = false }, new ReaperOptions(), Delivery());
        Assert.All(on, sweep => Assert.Null(sweep.Off));
        Assert.Contains(on, sweep => sweep.Type == typeof(DeadLetterSweep));
        Assert.Contains(on, sweep => sweep.Type == typeof(ReconcileSweep));

        var (sweeps, reaper, delivery) = (Off(new SweepOptions()), Off(new ReaperOptions()), Off(Delivery()));
        delivery.Enabled = true; // or they would not be there
        Off(delivery.Merging);
        Off(delivery.Reconcile);
        var off = ListOf(sweeps, reaper, delivery);

        Assert.Equal(on.Select(sweep => sweep.Name), off.Select(sweep => sweep.Name));
        Assert.All(off, sweep => Assert.StartsWith("Orchestrator:", sweep.Off, StringComparison.Ordinal));
        Assert.Equal(off.Count, off.Select(sweep => sweep.Off).Distinct().Count());
    }

    private static DeliveryOptions Delivery() => new() { Enabled = true, Folder = "/tmp" };

    private static T Off<T>(T options)
    {
        foreach (var property in typeof(T).GetProperties().Where(property => property.PropertyType == typeof(bool) && property.Name.EndsWith("Enabled", StringComparison.Ordinal) && property.CanWrite))
            property.SetValue(options, false);
        return options;
    }

    private static IReadOnlyList<SweepEntry> ListOf(SweepOptions sweeps, ReaperOptions reaper, DeliveryOptions delivery)
    {
        var services = new ServiceCollection();
        services.AddSingleton(new ForgeOptions { Url = new Uri("http://127.0.0.1") }); // one sweep is there only for it
        services.AddSingleton(new TrackerOptions());
        sweeps.Enabled = false; // nothing is started here
        services.AddSweeps(sweeps, reaper, new BusOptions(), delivery);
        return ((SweepList)services.Single(service => service.ServiceType == typeof(SweepList)).ImplementationInstance!).All;
    }
}
