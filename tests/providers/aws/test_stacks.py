from skyclust.provisioning.rows import OperationState


def test_a_cluster_comes_to_be_and_goes_and_leaves_only_decoys(sandbox, aws, stacks, make_cluster):
    decoys = set(sandbox.act("plant_decoys", region="us-west-2")["ids"])

    async def story(make):
        stack = make()
        spec = await aws.complete_cluster(stack.session, make_cluster())
        graph = aws.cluster_blueprint(spec)
        done = await stack.apply(graph)
        assert done.state is OperationState.SUCCEEDED, (done.message, done.timeline[-5:])
        assert stack.plan(graph).empty, stack.plan(graph).changes
        kinds = sandbox.kinds()
        gone = await stack.apply(None)
        assert gone.state is OperationState.SUCCEEDED, gone.message
        return kinds

    kinds = stacks(story)
    assert kinds["cluster"] == 1
    assert kinds["instance"] == 2
    assert {row["id"] for row in sandbox.resources()} == decoys
