using MassTransit;

namespace Orchestrator.Tests.Persistence;

/// <summary>The parts of MassTransit that saga repository, outbox and door stand on are public, but not what its documentation promises to keep.</summary>
public sealed class MassTransitSurfaceTests
{
    [Fact]
    public void The_version_is_the_one_that_this_was_built_and_measured_on()
    {
        Assert.Equal(new Version(8, 5, 12), VersionOf(typeof(IBusControl).Assembly));
        Assert.Equal(new Version(8, 5, 12), VersionOf(typeof(InMemoryConfigurationExtensions).Assembly));
    }

    [Theory]
    [InlineData("MassTransit.Saga.ISagaRepositoryContextFactory`1", "Send SendQuery Probe")]
    [InlineData("MassTransit.Saga.IQuerySagaRepositoryContextFactory`1", "Execute")]
    [InlineData("MassTransit.Saga.ILoadSagaRepositoryContextFactory`1", "Execute")]
    [InlineData("MassTransit.Saga.SagaRepositoryContext`2", "Add Insert Load Save Update Delete Discard Undo CreateSagaConsumeContext")]
    [InlineData("MassTransit.Saga.QuerySagaRepositoryContext`1", "Query")]
    [InlineData("MassTransit.Saga.LoadSagaRepositoryContext`1", "Load")]
    [InlineData("MassTransit.Saga.SagaConsumeContextFactory`2", "CreateSagaConsumeContext")]
    [InlineData("MassTransit.Saga.LoadedSagaRepositoryQueryContext`2", ".ctor")]
    [InlineData("MassTransit.Saga.DefaultSagaRepositoryQueryContext`1", ".ctor")]
    [InlineData("MassTransit.DependencyInjection.DependencyInjectionSagaRepository`1", ".ctor")]
    [InlineData("MassTransit.Context.ConsumeContextScope`1", ".ctor TryGetPayload")]
    [InlineData("MassTransit.Context.DefaultSagaConsumeContext`2", ".ctor")]
    [InlineData("MassTransit.Context.MessageSendContext`1", ".ctor")]
    [InlineData("MassTransit.Mediator.Contexts.MediatorReceiveContext`1", ".ctor TryGetPayload")]
    [InlineData("MassTransit.MassTransitStateMachine`1+BehaviorContextProxy`1", ".ctor")]
    [InlineData("MassTransit.StateMachine`1", "RaiseEvent get_Accessor")]
    [InlineData("MassTransit.Configuration.ConsumePipeSpecification", "BuildConsumePipe")]
    [InlineData("MassTransit.Configuration.OutboxConsumePipeSpecificationObserver`1", ".ctor")]
    [InlineData("MassTransit.Middleware.IOutboxContextFactory`1", "Send")]
    [InlineData("MassTransit.Middleware.OutboxMessagePipe`1", "Send")]
    [InlineData("MassTransit.Middleware.Outbox.OutboxConsumeContextProxy`1", "get_IsMessageConsumed get_IsOutboxDelivered SetConsumed AddSend")]
    [InlineData("MassTransit.Middleware.OutboxSendContext", "AddSend")]
    [InlineData("MassTransit.Middleware.Outbox.OutboxSendEndpointProvider", ".ctor")]
    [InlineData("MassTransit.Middleware.Outbox.OutboxPublishEndpointProvider", ".ctor")]
    [InlineData("MassTransit.Middleware.OutboxMessageContext", "get_MessageId get_Body get_Properties")]
    [InlineData("MassTransit.Middleware.OutboxMessageSendPipe", ".ctor Send")]
    [InlineData("MassTransit.DependencyInjection.IScopedBusContextProvider`1", "get_Context")]
    [InlineData("MassTransit.DependencyInjection.ScopedBusContext", "get_SendEndpointProvider get_PublishEndpoint get_ClientFactory")]
    [InlineData("MassTransit.DependencyInjection.ConsumeContextScopedBusContext", ".ctor")]
    [InlineData("MassTransit.Clients.ScopedClientFactory", ".ctor")]
    [InlineData("MassTransit.Transports.PublishEndpoint", ".ctor")]
    public void What_this_stands_on_is_public(string type, string members)
    {
        var found = typeof(InMemoryConfigurationExtensions).Assembly.GetType(type) ?? typeof(IBusControl).Assembly.GetType(type);

        Assert.True(found is { IsVisible: true }, $"{type} is gone or no longer public");
        var names = found.GetInterfaces().Append(found).SelectMany(part => part.GetMembers()).Select(member => member.Name).ToHashSet();
        Assert.All(members.Split(' '), member => Assert.Contains(member, names));
    }

    private static Version VersionOf(System.Reflection.Assembly assembly)
    {
        var version = System.Diagnostics.FileVersionInfo.GetVersionInfo(assembly.Location);
        return new Version(version.FileMajorPart, version.FileMinorPart, version.FileBuildPart);
    }
}
