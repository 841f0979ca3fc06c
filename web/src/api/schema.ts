// Generated from the OpenAPI document 32826cb204a4959ac6f740a599455cbddf3e77a2a2a007802e9100a48631fee7: run `make client` after a change of the API.
export interface paths {
    "/api/v1/{provider}/kubernetes/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Clusters
         * @description The provider's clusters, oldest first.
         */
        get: operations["get-provider-kubernetes-clusters"];
        put?: never;
        /**
         * Create Cluster
         * @description Create a cluster, with a network of its own unless an existing one is named; from a template, if one is.
         */
        post: operations["post-provider-kubernetes-clusters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters:import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import Cluster
         * @description Take over a cluster that exists: read-only (observed), or managed like our own. Its network is left alone.
         */
        post: operations["post-provider-kubernetes-clusters-import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters:importable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Importable Clusters
         * @description Clusters that exist in the region, ours and others', as the cloud shows them now.
         */
        get: operations["get-provider-kubernetes-clusters-importable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Cluster
         * @description One cluster by name or id.
         */
        get: operations["get-provider-kubernetes-clusters-cluster"];
        put?: never;
        post?: never;
        /**
         * Delete Cluster
         * @description Delete a cluster with everything made for it; an existing network that it used is left alone.
         */
        delete: operations["delete-provider-kubernetes-clusters-cluster"];
        options?: never;
        head?: never;
        /**
         * Update Cluster
         * @description Another version, other switches of the provider, deletion protection. Send the ETag in If-Match.
         *
         *     Several minor versions ahead: a dry run shows every hop, the operation does the first one. Ask again for the next.
         *     Deletion protection alone is changed at once: 200 with the cluster.
         */
        patch: operations["patch-provider-kubernetes-clusters-cluster"];
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}:clone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Clone Cluster
         * @description The body that would make its like elsewhere, with what was translated and its plan; made only if asked to.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-clone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}:hibernate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hibernate Cluster
         * @description Bring all node pools to zero, or the least the cloud allows; the control plane goes on, and costs.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-hibernate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}:manage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Manage Cluster
         * @description Manage a cluster that was imported read-only.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-manage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}:release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release Cluster
         * @description Forget an imported cluster and take our mark off; nothing is deleted.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}:repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repair One Cluster
         * @description Bring everything of a cluster that drifted back to what is wanted.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-repair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}:wake": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Wake Cluster
         * @description Bring all node pools back to the sizes and bounds they had.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-wake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/addon-offers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Addon Offers
         * @description What the cloud offers this cluster now, with versions and what may be configured. Asks the cloud.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-addon-offers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/addons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Addons
         * @description Add-ons by name, as they were last observed: versions, state, how they suit this version and the next.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-addons"];
        put?: never;
        /**
         * Install Addon
         * @description Install an add-on. The cloud is asked first what it offers this cluster.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-addons"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/addons/{addon}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Addon
         * @description One add-on.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-addons-addon"];
        put?: never;
        post?: never;
        /**
         * Remove Addon
         * @description Remove an add-on with its software, or switch it off.
         */
        delete: operations["delete-provider-kubernetes-clusters-cluster-addons-addon"];
        options?: never;
        head?: never;
        /**
         * Update Addon
         * @description Another version, configuration or identity; what is not given stays.
         */
        patch: operations["patch-provider-kubernetes-clusters-cluster-addons-addon"];
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Drift Of Cluster
         * @description What has drifted of one cluster.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Events
         * @description What the cluster tells of its objects; it forgets events after an hour or so.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/hibernation-schedule": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Hibernation Schedule
         * @description When the cluster sleeps, what comes next, and what it waits for.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-hibernation-schedule"];
        /**
         * Put Hibernation Schedule
         * @description Hibernate and wake the cluster on days of the week, from the next entry on. A dry run shows the next times.
         */
        put: operations["put-provider-kubernetes-clusters-cluster-hibernation-schedule"];
        post?: never;
        /**
         * Delete Hibernation Schedule
         * @description Forget the timetable; the cluster stays as it is. Answers what it was.
         */
        delete: operations["delete-provider-kubernetes-clusters-cluster-hibernation-schedule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/kube-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue Kube Token
         * @description A short-lived token, in the form that kubectl's exec plug-ins answer.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-kube-token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/kubeconfig": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Kubeconfig
         * @description A kubeconfig without any static secret.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-kubeconfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/namespaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Namespaces
         * @description Namespaces by name.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-namespaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/node-pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Node Pools
         * @description Node pools by name.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-node-pools"];
        put?: never;
        /**
         * Create Node Pool
         * @description Add a node pool, and the one that takes over from it where that is asked for.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-node-pools"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/node-pools/{pool}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Node Pool
         * @description One node pool.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-node-pools-pool"];
        put?: never;
        post?: never;
        /**
         * Delete Node Pool
         * @description Delete a node pool with its machines.
         */
        delete: operations["delete-provider-kubernetes-clusters-cluster-node-pools-pool"];
        options?: never;
        head?: never;
        /**
         * Update Node Pool
         * @description Change size, bounds, labels or taints; what is not given stays.
         */
        patch: operations["patch-provider-kubernetes-clusters-cluster-node-pools-pool"];
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/node-pools/{pool}/scale": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Scale Node Pool
         * @description Another size, or bounds for the autoscaler.
         */
        put: operations["put-provider-kubernetes-clusters-cluster-node-pools-pool-scale"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Nodes
         * @description Nodes by name, as the cluster's own API shows them now.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-nodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/nodes/{node}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Node
         * @description One node: conditions, taints, room, and the pods on it.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-nodes-node"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/nodes/{node}/cordon": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cordon Node
         * @description Let no new pods onto the node. With ?dry_run=true the cluster checks it and keeps nothing.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-nodes-node-cordon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/nodes/{node}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Drain Node
         * @description Cordon the node and have its pods evicted, honouring disruption budgets: an operation with a step per pod.
         *
         *     A step that waits names the budget that holds its pod. With ?dry_run=true: what would go, what would be held, by
         *     which budget, and what forbids it.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-nodes-node-drain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/nodes/{node}/uncordon": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Uncordon Node
         * @description Let pods onto the node again. With ?dry_run=true the cluster checks it and keeps nothing.
         */
        post: operations["post-provider-kubernetes-clusters-cluster-nodes-node-uncordon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Cluster Plan
         * @description What differs between what was asked for and what was last seen; nothing, when all is well.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/pods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Pods
         * @description Pods by namespace and name.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-pods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/pods/{namespace}/{pod}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read Pod Log
         * @description The end of a container's log. Each reading is in the audit log.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-pods-namespace-pod-log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/clusters/{cluster}/workloads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Workloads
         * @description Deployments, stateful sets, daemon sets, jobs and cron jobs.
         */
        get: operations["get-provider-kubernetes-clusters-cluster-workloads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/metadata/addons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Known Addons
         * @description Add-ons for clusters of a version and mode, from data. Their own versions .../addon-offers tells.
         */
        get: operations["get-provider-kubernetes-metadata-addons"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/metadata/machine-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Machine Types
         * @description Machine types of a region with their prices, by name.
         */
        get: operations["get-provider-kubernetes-metadata-machine-types"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/metadata/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Regions
         * @description Regions of a cloud.
         */
        get: operations["get-provider-kubernetes-metadata-regions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/metadata/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Versions
         * @description Kubernetes versions for new clusters, newest first.
         */
        get: operations["get-provider-kubernetes-metadata-versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/kubernetes/metadata/zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Zones
         * @description Zones of a region.
         */
        get: operations["get-provider-kubernetes-metadata-zones"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/peerings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Peerings
         * @description Peerings by the network that asked for them and the name.
         */
        get: operations["get-provider-network-peerings"];
        put?: never;
        /**
         * Create Peering
         * @description Let two networks of one account reach each other by private addresses: both sides, and routes both ways.
         *
         *     Refused before anything is made when their ranges overlap, or those of networks that they are peered with already.
         */
        post: operations["post-provider-network-peerings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/peerings/{peering}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Peering
         * @description One peering by our id or the cloud's.
         */
        get: operations["get-provider-network-peerings-peering"];
        put?: never;
        post?: never;
        /**
         * Delete Peering
         * @description Take both sides and their routes away; the networks stay.
         */
        delete: operations["delete-provider-network-peerings-peering"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/security-groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Security Groups
         * @description Security groups of our networks by id, those made with clusters included.
         */
        get: operations["get-provider-network-security-groups"];
        put?: never;
        /**
         * Create Security Group
         * @description Add a security group to a network of ours.
         */
        post: operations["post-provider-network-security-groups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/security-groups/{group}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Security Group
         * @description One security group by our id or the cloud's.
         */
        get: operations["get-provider-network-security-groups-group"];
        put?: never;
        post?: never;
        /**
         * Delete Security Group
         * @description Take it out of its network.
         */
        delete: operations["delete-provider-network-security-groups-group"];
        options?: never;
        head?: never;
        /**
         * Update Security Group
         * @description Another description, or other rules: those given are all it has then.
         */
        patch: operations["patch-provider-network-security-groups-group"];
        trace?: never;
    };
    "/api/v1/{provider}/network/security-groups/{group}/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Rules
         * @description The group's rules.
         */
        get: operations["get-provider-network-security-groups-group-rules"];
        put?: never;
        /**
         * Create Rule
         * @description Add a rule.
         */
        post: operations["post-provider-network-security-groups-group-rules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/security-groups/{group}/rules/{rule}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete Rule
         * @description Take a rule away.
         */
        delete: operations["delete-provider-network-security-groups-group-rules-rule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/subnets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Subnets
         * @description Subnets of our networks by id, carved ones included.
         */
        get: operations["get-provider-network-subnets"];
        put?: never;
        /**
         * Create Subnet
         * @description Add a subnet to a network of ours.
         */
        post: operations["post-provider-network-subnets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/subnets/{subnet}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Subnet
         * @description One subnet by our id or the cloud's.
         */
        get: operations["get-provider-network-subnets-subnet"];
        put?: never;
        post?: never;
        /**
         * Delete Subnet
         * @description Take it out of its network.
         */
        delete: operations["delete-provider-network-subnets-subnet"];
        options?: never;
        head?: never;
        /**
         * Update Subnet
         * @description Make it public, or private again.
         */
        patch: operations["patch-provider-network-subnets-subnet"];
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Networks
         * @description The provider's networks, those made with clusters included.
         */
        get: operations["get-provider-network-vpcs"];
        put?: never;
        /**
         * Create Network
         * @description Create a network.
         */
        post: operations["post-provider-network-vpcs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs:import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import Network
         * @description Take over a network that exists with its subnets and groups: read-only (observed), or managed like our own.
         */
        post: operations["post-provider-network-vpcs-import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs:importable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Importable Networks
         * @description Networks that exist in the region, ours and others', as the cloud shows them now.
         */
        get: operations["get-provider-network-vpcs-importable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs/{network}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Network
         * @description One network.
         */
        get: operations["get-provider-network-vpcs-network"];
        put?: never;
        post?: never;
        /**
         * Delete Network
         * @description Delete a network with what belongs to it; refused before anything is touched when something foreign is inside.
         */
        delete: operations["delete-provider-network-vpcs-network"];
        options?: never;
        head?: never;
        /**
         * Update Network
         * @description Change the routing mode or the MTU, where the cloud can, and deletion protection. Send the ETag in If-Match.
         *
         *     Deletion protection alone is changed at once: 200 with the network.
         */
        patch: operations["patch-provider-network-vpcs-network"];
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs/{network}:deletion-plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Deletion Plan
         * @description Ask the cloud for everything inside: what would go, and what stands in the way. Cite its digest on DELETE.
         */
        get: operations["get-provider-network-vpcs-network-deletion-plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs/{network}:manage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Manage Network
         * @description Manage a network that was imported read-only.
         */
        post: operations["post-provider-network-vpcs-network-manage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs/{network}:release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release Network
         * @description Forget an imported network and take our mark off; nothing is deleted.
         */
        post: operations["post-provider-network-vpcs-network-release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs/{network}:repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repair One Network
         * @description Bring everything of a network that drifted back to what is wanted.
         */
        post: operations["post-provider-network-vpcs-network-repair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs/{network}/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Drift Of Network
         * @description What has drifted of one network.
         */
        get: operations["get-provider-network-vpcs-network-drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{provider}/network/vpcs/{network}/topology": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Topology
         * @description The network as a graph: subnets, gateways, firewalls, and the clusters in it if you may read clusters there.
         */
        get: operations["get-provider-network-vpcs-network-topology"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit-logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Audit Logs
         * @description Who did what, newest first.
         */
        get: operations["get-audit-logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit-logs:export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Audit Logs
         * @description Everything that matches, chain after chain in its order, as NDJSON or CSV.
         */
        get: operations["get-audit-logs-export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit-logs:verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verify Audit Logs
         * @description Walk a chain and name the first entry that is not as it was written, or not where an exported head saw it.
         */
        get: operations["get-audit-logs-verify"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Login
         * @description Sign in with email and password.
         */
        post: operations["post-auth-login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Logout
         * @description End this session.
         */
        post: operations["post-auth-logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Me
         * @description Who the caller is, and what they may do where.
         */
        get: operations["get-auth-me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Sign On
         * @description Whether one can sign in by an identity provider, and which.
         */
        get: operations["get-auth-oidc"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Callback
         * @description The identity provider sends the browser here; on to the page that began.
         */
        get: operations["get-auth-oidc-callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Login
         * @description On to the identity provider. `return_to`: a page of ours or of a program on the same machine.
         */
        get: operations["get-auth-oidc-login"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Collect Tokens
         * @description Tokens for the grant, for whoever knows the verifier. Once, within two minutes.
         */
        post: operations["post-auth-oidc-tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change Password
         * @description Change the own password and end every other session.
         */
        post: operations["post-auth-password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/reauthenticate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reauthenticate
         * @description Prove again who you are, for acts that ask for it. The answer's tokens take the place of the session's.
         */
        post: operations["post-auth-reauthenticate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refresh
         * @description The next pair of tokens. Each refresh token works once; using one twice ends its session.
         */
        post: operations["post-auth-refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register
         * @description Create the first administrator with a workspace, and sign in. Closed as soon as there is a user.
         */
        post: operations["post-auth-register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Second Factor
         * @description Whether the caller signs in with a code.
         */
        get: operations["get-auth-second-factor"];
        put?: never;
        /**
         * Begin Second Factor
         * @description A secret for the authenticator app. It counts once its first code was confirmed.
         */
        post: operations["post-auth-second-factor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor:confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm Second Factor
         * @description From now on signing in takes a code. Answers the recovery codes.
         */
        post: operations["post-auth-second-factor-confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor:remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove Second Factor
         * @description Sign in with the password alone again.
         */
        post: operations["post-auth-second-factor-remove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Sessions
         * @description The caller's live sessions, newest first.
         */
        get: operations["get-auth-sessions"];
        put?: never;
        post?: never;
        /**
         * End Other Sessions
         * @description End every own session but this one.
         */
        delete: operations["delete-auth-sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End Session
         * @description End one of the own sessions.
         */
        delete: operations["delete-auth-sessions-session_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Clusters
         * @description Clusters of every cloud, oldest first.
         */
        get: operations["get-clusters"];
        put?: never;
        /**
         * Create Cluster
         * @description Create a cluster on the cloud that the body names.
         */
        post: operations["post-clusters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters:import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import Cluster Anywhere
         * @description Take over a cluster that exists on the cloud that the body names.
         */
        post: operations["post-clusters-import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters:kubeconfig": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Kubeconfigs
         * @description One kubeconfig without any secret for several clusters: those named, else all that you may reach.
         *
         *     Contexts have names that stay, whatever else is in the file. No cloud is asked.
         */
        get: operations["get-clusters-kubeconfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Cluster
         * @description One cluster by id or name.
         */
        get: operations["get-clusters-cluster"];
        put?: never;
        post?: never;
        /**
         * Delete Cluster
         * @description Delete a cluster with everything made for it.
         */
        delete: operations["delete-clusters-cluster"];
        options?: never;
        head?: never;
        /**
         * Update Cluster
         * @description Another version, other switches of the provider, deletion protection. Send the ETag in If-Match.
         *
         *     Deletion protection alone is changed at once: 200 with the cluster.
         */
        patch: operations["patch-clusters-cluster"];
        trace?: never;
    };
    "/api/v1/clusters/{cluster}:clone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Clone Cluster Anywhere
         * @description The body that would make its like elsewhere, with what was translated and its plan; made only if asked to.
         */
        post: operations["post-clusters-cluster-clone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}:hibernate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hibernate Cluster Anywhere
         * @description Bring all node pools to zero, or the least the cloud allows; the control plane goes on, and costs.
         */
        post: operations["post-clusters-cluster-hibernate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}:manage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Manage Cluster Anywhere
         * @description Manage a cluster that was imported read-only.
         */
        post: operations["post-clusters-cluster-manage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}:release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release Cluster Anywhere
         * @description Forget an imported cluster and take our mark off; nothing is deleted.
         */
        post: operations["post-clusters-cluster-release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}:repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repair Cluster
         * @description Bring everything of a cluster that drifted back to what is wanted.
         */
        post: operations["post-clusters-cluster-repair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}:wake": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Wake Cluster Anywhere
         * @description Bring all node pools back to the sizes and bounds they had.
         */
        post: operations["post-clusters-cluster-wake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Cluster Drift
         * @description What has drifted of one cluster.
         */
        get: operations["get-clusters-cluster-drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{cluster}/kube-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue Kube Token Anywhere
         * @description A short-lived token for a cluster by id.
         */
        post: operations["post-clusters-cluster-kube-token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Credentials
         * @description Cloud accounts the caller may read, oldest first.
         */
        get: operations["get-credentials"];
        put?: never;
        /**
         * Create Credential
         * @description Enter a cloud account. The cloud is asked first; what it refuses is not stored.
         */
        post: operations["post-credentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/{credential_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Credential
         * @description One cloud account, without its secret.
         */
        get: operations["get-credentials-credential_id"];
        put?: never;
        post?: never;
        /**
         * Delete Credential
         * @description Remove it with its secret. Refused while clusters or networks are managed with it.
         */
        delete: operations["delete-credentials-credential_id"];
        options?: never;
        head?: never;
        /**
         * Update Credential
         * @description Rename it, or replace its secret after the cloud accepted the new one.
         */
        patch: operations["patch-credentials-credential_id"];
        trace?: never;
    };
    "/api/v1/credentials/{credential_id}:verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify Credential
         * @description Ask the cloud again. A refusal is remembered (state `invalid`) and answered as a problem.
         */
        post: operations["post-credentials-credential_id-verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Drift
         * @description What other hands have changed or deleted, as the last sweeps saw it; `sweeps` tells when that was.
         */
        get: operations["get-drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drift/{drift_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Drift
         * @description One resource that is not as wanted.
         */
        get: operations["get-drift-drift_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drift/{drift_id}:accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept Drift
         * @description Leave differing fields as they are. They are drift again as soon as they, or what is wanted, change.
         */
        post: operations["post-drift-drift_id-accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drift/{drift_id}:repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repair Drift
         * @description Bring one resource back to what is wanted.
         */
        post: operations["post-drift-drift_id-repair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow Everything
         * @description Everything that happens in the caller's workspaces, live.
         */
        get: operations["get-events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Live
         * @description The process runs.
         */
        get: operations["get-health-live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ready
         * @description Requests can be served: the database answers and has the schema this version needs.
         */
        get: operations["get-health-ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations:accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept Invitation
         * @description Become a user and a member by a link, and sign in. Whoever has an account signs in and joins instead.
         */
        post: operations["post-invitations-accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations:join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Join
         * @description Become a member by a link that was made for the caller's email.
         */
        post: operations["post-invitations-join"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My Permissions
         * @description What the caller may do, workspace by workspace; of an API token, what it leaves of that.
         */
        get: operations["get-me-permissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Networks
         * @description Networks of every cloud, those made with clusters included.
         */
        get: operations["get-networks"];
        put?: never;
        /**
         * Create Network
         * @description Create a network on the cloud that the body names.
         */
        post: operations["post-networks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks:free-ranges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Free Ranges
         * @description Address ranges that overlap nothing of the workspace, on whatever cloud, lowest first. No cloud is asked.
         *
         *     With `provider` only those that its rules allow for a network.
         */
        get: operations["get-networks-free-ranges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks:import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import Network Anywhere
         * @description Take over a network that exists on the cloud that the body names.
         */
        post: operations["post-networks-import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks/{network}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Network
         * @description One network by our id or its name.
         */
        get: operations["get-networks-network"];
        put?: never;
        post?: never;
        /**
         * Delete Network
         * @description Delete a network with what belongs to it; refused before anything is touched when something foreign is inside.
         */
        delete: operations["delete-networks-network"];
        options?: never;
        head?: never;
        /**
         * Update Network
         * @description Change the routing mode or the MTU, where the cloud can, and deletion protection. Send the ETag in If-Match.
         *
         *     Deletion protection alone is changed at once: 200 with the network.
         */
        patch: operations["patch-networks-network"];
        trace?: never;
    };
    "/api/v1/networks/{network}:deletion-plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Deletion Plan
         * @description Ask the cloud for everything inside: what would go, and what stands in the way. Cite its digest on DELETE.
         */
        get: operations["get-networks-network-deletion-plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks/{network}:manage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Manage Network Anywhere
         * @description Manage a network that was imported read-only.
         */
        post: operations["post-networks-network-manage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks/{network}:release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release Network Anywhere
         * @description Forget an imported network and take our mark off; nothing is deleted.
         */
        post: operations["post-networks-network-release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks/{network}:repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repair Network
         * @description Bring everything of a network that drifted back to what is wanted.
         */
        post: operations["post-networks-network-repair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks/{network}/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Network Drift
         * @description What has drifted of one network.
         */
        get: operations["get-networks-network-drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/networks/{network}/topology": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Topology
         * @description The network as a graph: subnets, gateways, firewalls, and the clusters in it if you may read clusters there.
         */
        get: operations["get-networks-network-topology"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Operations
         * @description Operations, newest first. `timeline` is left empty here.
         */
        get: operations["get-operations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Operation
         * @description One operation with its steps and its timeline.
         */
        get: operations["get-operations-operation_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation_id}:cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel Operation
         * @description Start nothing new. Calls in flight are finished and recorded; what exists is kept, and costs.
         */
        post: operations["post-operations-operation_id-cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation_id}:pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause Operation
         * @description Begin no new step; what has begun ends. `:resume` goes on, `:cancel` gives up.
         */
        post: operations["post-operations-operation_id-pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation_id}:resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume Operation
         * @description Go on with an operation that is paused, or that failed, needs attention or was cancelled, its cause fixed.
         */
        post: operations["post-operations-operation_id-resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation_id}:rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Roll Back Operation
         * @description Take back what an operation made, changed and deleted, and nothing else; also one that succeeded.
         *
         *     Answers the new operation that does it.
         */
        post: operations["post-operations-operation_id-rollback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow Operation
         * @description What happens to one operation, live. Begins with a `snapshot`.
         */
        get: operations["get-operations-operation_id-events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Orphans
         * @description What carries our mark and belongs to nobody, with what it costs a day.
         */
        get: operations["get-orphans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans:sweep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sweep Orphans
         * @description Delete several orphans of one credential and region, in the right order.
         */
        post: operations["post-orphans-sweep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans/{orphan_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Orphan
         * @description One orphan.
         */
        get: operations["get-orphans-orphan_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans/{orphan_id}:adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adopt Orphan
         * @description Give it back to the cluster or network it was made for.
         */
        post: operations["post-orphans-orphan_id-adopt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans/{orphan_id}:ignore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ignore Orphan
         * @description Leave it out of the list from now on.
         */
        post: operations["post-orphans-orphan_id-ignore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans/{orphan_id}:sweep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sweep Orphan
         * @description Delete it.
         */
        post: operations["post-orphans-orphan_id-sweep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans/{orphan_id}:unignore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unignore Orphan
         * @description Show it again.
         */
        post: operations["post-orphans-orphan_id-unignore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Providers
         * @description What is installed and what it can do; the schemas draw the forms of the console.
         */
        get: operations["get-providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Tokens
         * @description The caller's API tokens that work, newest first.
         */
        get: operations["get-tokens"];
        put?: never;
        /**
         * Create Token
         * @description An API token for a program. Its text is answered this once; with ?dry_run=true it never works.
         */
        post: operations["post-tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Token
         * @description Revoke one of the own API tokens; it works no longer from the next request on.
         */
        delete: operations["delete-tokens-token_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Users
         * @description Users of the installation, by email. For its administrators.
         */
        get: operations["get-users"];
        put?: never;
        /**
         * Create User
         * @description A new user, member of no workspace yet. For administrators of the installation.
         */
        post: operations["post-users"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update User
         * @description Rename, disable, enable, make administrator or not. For administrators of the installation.
         */
        patch: operations["patch-users-user_id"];
        trace?: never;
    };
    "/api/v1/users/{user_id}/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Reset Second Factor
         * @description For somebody who has lost phone and recovery codes. For administrators of the installation.
         */
        delete: operations["delete-users-user_id-second-factor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Sessions Of User
         * @description Somebody's live sessions. For administrators of the installation.
         */
        get: operations["get-users-user_id-sessions"];
        put?: never;
        post?: never;
        /**
         * End Sessions Of User
         * @description End all of somebody's sessions, without disabling them. For administrators of the installation.
         */
        delete: operations["delete-users-user_id-sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End Session Of User
         * @description End one of somebody's sessions. For administrators of the installation.
         */
        delete: operations["delete-users-user_id-sessions-session_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Workspaces
         * @description Workspaces the caller is a member of, oldest first.
         */
        get: operations["get-workspaces"];
        put?: never;
        /**
         * Create Workspace
         * @description A new workspace with the caller as its administrator.
         */
        post: operations["post-workspaces"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Workspace
         * @description One workspace of the caller.
         */
        get: operations["get-workspaces-workspace_id"];
        put?: never;
        post?: never;
        /**
         * Delete Workspace
         * @description Remove it with members, invitations, roles and credentials. Refused while anything is left in it, by name.
         */
        delete: operations["delete-workspaces-workspace_id"];
        options?: never;
        head?: never;
        /**
         * Update Workspace
         * @description Rename it.
         */
        patch: operations["patch-workspaces-workspace_id"];
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}:resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume Workspace
         * @description End the suspension. For administrators of the installation.
         */
        post: operations["post-workspaces-workspace_id-resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}:suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suspend Workspace
         * @description Let nothing be changed in it; what was begun ends. For administrators of the installation.
         */
        post: operations["post-workspaces-workspace_id-suspend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/cluster-templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Cluster Templates
         * @description Every version, by name, the newest first.
         */
        get: operations["get-workspaces-workspace_id-cluster-templates"];
        put?: never;
        /**
         * Create Cluster Template
         * @description The first version of a name, or its next one: versions never change.
         */
        post: operations["post-workspaces-workspace_id-cluster-templates"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/cluster-templates/{template}/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Cluster Template
         * @description One version.
         */
        get: operations["get-workspaces-workspace_id-cluster-templates-template-number"];
        put?: never;
        post?: never;
        /**
         * Delete Cluster Template
         * @description Nothing is made from it any more. Its number is not given out again.
         */
        delete: operations["delete-workspaces-workspace_id-cluster-templates-template-number"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/cluster-templates/{template}/{number}:deprecate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deprecate Cluster Template
         * @description It goes on working; plans of clusters made from it say why it should not be used any more.
         */
        post: operations["post-workspaces-workspace_id-cluster-templates-template-number-deprecate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/identity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Identity
         * @description Who a workspace is to clouds that trust this installation, and how an account is made to trust it: no secret.
         */
        get: operations["get-workspaces-workspace_id-identity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Invitations
         * @description Open invitations, newest first.
         */
        get: operations["get-workspaces-workspace_id-invitations"];
        put?: never;
        /**
         * Invite
         * @description Invite somebody. The token of the link is answered this once: hand it to them.
         */
        post: operations["post-workspaces-workspace_id-invitations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/invitations/{invitation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Invitation
         * @description The link works no longer.
         */
        delete: operations["delete-workspaces-workspace_id-invitations-invitation_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Members
         * @description Who belongs to the workspace.
         */
        get: operations["get-workspaces-workspace_id-members"];
        put?: never;
        /**
         * Add Member
         * @description Make a user of the installation a member, with a role whose permissions the caller holds.
         */
        post: operations["post-workspaces-workspace_id-members"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove Member
         * @description Remove a member, or leave. The last administrator stays.
         */
        delete: operations["delete-workspaces-workspace_id-members-user_id"];
        options?: never;
        head?: never;
        /**
         * Update Member
         * @description Another role. The last administrator keeps theirs.
         */
        patch: operations["patch-workspaces-workspace_id-members-user_id"];
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/quotas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Quotas
         * @description Limits and use. For members, and for administrators of the installation.
         */
        get: operations["get-workspaces-workspace_id-quotas"];
        /**
         * Put Quotas
         * @description Other limits, effective with the next request. For administrators of the installation.
         */
        put: operations["put-workspaces-workspace_id-quotas"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Roles
         * @description Built-in roles, then the workspace's own.
         */
        get: operations["get-workspaces-workspace_id-roles"];
        put?: never;
        /**
         * Create Role
         * @description A role with permissions that the caller holds.
         */
        post: operations["post-workspaces-workspace_id-roles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspaces/{workspace_id}/roles/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete Role
         * @description Remove a role that nobody has.
         */
        delete: operations["delete-workspaces-workspace_id-roles-name"];
        options?: never;
        head?: never;
        /**
         * Update Role
         * @description Other permissions; those who have the role notice with their next request.
         */
        patch: operations["patch-workspaces-workspace_id-roles-name"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AcceptanceBody
         * @description The link's token. Without an account, also the password of the new one; with one, sign in first.
         */
        AcceptanceBody: {
            /** Display Name */
            display_name?: string | null;
            /** Password */
            password?: string | null;
            /**
             * Token
             * Format: password
             */
            token: string;
        };
        /**
         * AcceptAnswer
         * @description What is accepted now. It is drift again as soon as one of its sides changes. `left` still differs.
         */
        AcceptAnswer: {
            /** Accepted */
            accepted: components["schemas"]["FieldDriftAnswer"][];
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Left */
            left: string[];
        };
        /**
         * AcceptBody
         * @description Which differing fields to leave as they are; all when left out.
         */
        AcceptBody: {
            /** Fields */
            fields?: string[] | null;
        };
        /**
         * ActionPlanAnswer
         * @description What cancel, pause, resume or roll back would do.
         *
         *     `stops`: titles of steps that would not be begun any more, or not before it is resumed. `stays`: what is kept, with
         *     the sum of what it costs. `lost`: what was deleted and is made anew; what was in it does not come back.
         */
        ActionPlanAnswer: {
            /** Action */
            action: string;
            /** Changes */
            changes: components["schemas"]["PlannedChangeAnswer"][];
            /**
             * Cidr Block
             * @description of the network that this makes
             */
            cidr_block?: string | null;
            /** Digest */
            digest: string;
            /** Expected Seconds */
            expected_seconds: number;
            /** Findings */
            findings: components["schemas"]["FindingAnswer"][];
            /** Inventory */
            inventory?: components["schemas"]["InventoryAnswer"][] | null;
            /** Kept Usd Per Month */
            kept_usd_per_month: number;
            /** Lost */
            lost: string[];
            /** Ok */
            ok: boolean;
            /** Quotas */
            quotas?: components["schemas"]["QuotaAnswer"][] | null;
            /** Stays */
            stays: components["schemas"]["StayingAnswer"][];
            /** Stops */
            stops: string[];
            /** Usd Per Month */
            usd_per_month: number;
        };
        /**
         * AddonAnswer
         * @description An add-on of a cluster, as it was last observed. What null means: the cloud does not tell, or has no versions.
         *
         *     version           what runs; `wanted_version` what was asked for, null = the cloud's choice
         *     newer_version     newest that is offered for the cluster's version, null when that runs
         *     compatible        made for the cluster's version, and `compatible_next` for the next minor version, `next_version`
         *     version_for_next  newest that is offered for that one
         *     managed           asked for here; else the cloud's own doing
         */
        AddonAnswer: {
            /** Compatible */
            compatible: boolean | null;
            /** Compatible Next */
            compatible_next: boolean | null;
            /** Configuration */
            configuration: {
                [key: string]: unknown;
            };
            /** External Id */
            external_id?: string | null;
            /** Identity */
            identity: string | null;
            /** Managed */
            managed: boolean;
            /**
             * Message
             * @default
             */
            message?: string;
            /** Name */
            name: string;
            /** Newer Version */
            newer_version: string | null;
            /** Next Version */
            next_version: string | null;
            /** State */
            state: string;
            /** Title */
            title: string;
            /** Version */
            version: string | null;
            /** Version For Next */
            version_for_next: string | null;
            /** Wanted Version */
            wanted_version: string | null;
        };
        /**
         * AddonBody
         * @description An add-on that a new cluster is to have; `enabled: false` for one it would have by default.
         *
         *     `version`: left out, the cloud chooses. `identity`: what its pods are in the cloud, the ARN of a role on AWS.
         */
        AddonBody: {
            /**
             * Configuration
             * @description the add-on's own settings; nothing secret: they are shown
             */
            configuration?: {
                [key: string]: unknown;
            };
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /** Identity */
            identity?: string | null;
            /** Name */
            name: string;
            /** Version */
            version?: string | null;
        };
        /**
         * AddonOfferAnswer
         * @description An add-on that a cluster may have. `versions`, newest first, are told where the cloud is asked.
         *
         *     `essential` says what no longer works without it, `identity` whether its pods may be given one ("needed",
         *     "optional", ""), `by_default` that every new cluster has it, `present` that the cloud shows it on this
         *     one now, whoever installed it (null: not looked at).
         */
        AddonOfferAnswer: {
            /** By Default */
            by_default: boolean;
            /** Configuration */
            configuration: {
                [key: string]: unknown;
            };
            /** Essential */
            essential: string;
            /** Identity */
            identity: string;
            /** Name */
            name: string;
            /** Present */
            present: boolean | null;
            /** Title */
            title: string;
            /** Versioned */
            versioned: boolean;
            /** Versions */
            versions: components["schemas"]["AddonVersionAnswer"][];
        };
        /**
         * AddonOffersAnswer
         * @description By name.
         */
        AddonOffersAnswer: {
            /** Items */
            items: components["schemas"]["AddonOfferAnswer"][];
        };
        /**
         * AddonPatchBody
         * @description PATCH .../addons/{addon}: only what is given changes. `configuration` is taken whole; null is "as the cloud
         *     chooses" for a version, and "as its nodes" for an identity.
         */
        AddonPatchBody: {
            /** Configuration */
            configuration?: {
                [key: string]: unknown;
            } | null;
            /** Identity */
            identity?: string | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Version */
            version?: string | null;
        };
        /**
         * AddonVersionAnswer
         * @description A version that is offered; `default`: taken when none is named.
         */
        AddonVersionAnswer: {
            /** Default */
            default: boolean;
            /** Name */
            name: string;
        };
        /**
         * ApiTokenAnswer
         * @description A token for programs, without its text.
         */
        ApiTokenAnswer: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Hint
             * @description the last characters of its text
             */
            hint: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Last Used Address */
            last_used_address: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Name */
            name: string;
            /** Scopes */
            scopes: string[];
            /** Workspace Id */
            workspace_id: string | null;
        };
        /**
         * ApiTokenBody
         * @description A token for a program. It may do what its scopes name and its user may do, in one workspace or in all.
         */
        ApiTokenBody: {
            /**
             * Expires In Days
             * @default 90
             */
            expires_in_days?: number;
            /** Name */
            name: string;
            /**
             * Scopes
             * @example [
             *       "clusters.read"
             *     ]
             */
            scopes: string[];
            /** Workspace Id */
            workspace_id?: string | null;
        };
        /**
         * AttentionAnswer
         * @description One step that waits for a person: why, what to do, and the ids of what is in the way, if the cloud told them.
         */
        AttentionAnswer: {
            /** Blockers */
            blockers: string[];
            /** Message */
            message: string;
            /** Reason */
            reason: string;
            /** Remedy */
            remedy: string;
            /** Step */
            step: string;
            /** Title */
            title: string;
        };
        /**
         * AuditEntryAnswer
         * @description One act.
         */
        AuditEntryAnswer: {
            /** Action */
            action: string;
            /** Actor Id */
            actor_id: string | null;
            /** Actor Label */
            actor_label: string;
            /** Address */
            address: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Outcome */
            outcome: string;
            /** Request Id */
            request_id: string;
            /** Seq */
            seq: number;
            /** Target */
            target: string;
            /** Workspace Id */
            workspace_id: string | null;
        };
        /**
         * AutoScalingAnswer
         * @description The autoscaler's bounds.
         */
        AutoScalingAnswer: {
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /** Max */
            max: number;
            /** Min */
            min: number;
        };
        /**
         * AutoScalingBody
         * @description Bounds within which the cloud's autoscaler owns the size.
         */
        AutoScalingBody: {
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /** Max */
            max?: number | null;
            /** Min */
            min?: number | null;
        };
        /**
         * CloneBody
         * @description POST .../{cluster}:clone: where to. Nothing is made unless `create` is true: the answer is what would be.
         */
        CloneBody: {
            /**
             * Create
             * @default false
             */
            create?: boolean;
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /** Name */
            name: string;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Provider */
            provider?: string | null;
            /** Region */
            region?: string | null;
            /** Workspace Id */
            workspace_id?: string | null;
        };
        /**
         * ClusterAnswer
         * @description A cluster, the same shape for every cloud.
         */
        ClusterAnswer: {
            /** Conditions */
            conditions: components["schemas"]["ConditionAnswer"][];
            cost: components["schemas"]["CostAnswer"];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /** Deletion Protection */
            deletion_protection: boolean;
            /** Endpoint */
            endpoint: string | null;
            /**
             * Hibernated
             * @description its pools are at the least they keep; :wake brings them back
             */
            hibernated: boolean;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Managed
             * @description false: imported read-only, only observed
             * @default true
             */
            managed?: boolean;
            /** Mode */
            mode: string;
            /** Name */
            name: string;
            network: components["schemas"]["ClusterNetworkAnswer"];
            /** Node Pools */
            node_pools: components["schemas"]["NodePoolAnswer"][];
            /** Operation Id */
            operation_id: string | null;
            /** Options */
            options: {
                [key: string]: unknown;
            };
            /** Provider */
            provider: string;
            /** Region */
            region: string;
            /**
             * State
             * @enum {string}
             */
            state: "provisioning" | "ready" | "degraded" | "updating" | "deleting" | "needs_attention" | "drifted" | "deleted";
            /** Version */
            version: string;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
            /** Zones */
            zones: string[];
        };
        /**
         * ClusterBody
         * @description POST /{provider}/kubernetes/clusters. Besides: one object named after the provider, with its own switches.
         */
        ClusterBody: {
            /** Addons */
            addons?: components["schemas"]["AddonBody"][];
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /**
             * Deletion Protection
             * @description refuse every way to delete it until this is false again
             * @default false
             */
            deletion_protection?: boolean;
            /**
             * Mode
             * @default standard
             */
            mode?: string;
            /** Name */
            name: string;
            network?: components["schemas"]["ClusterNetworkBody"] | null;
            node_pool?: components["schemas"]["NodePoolPart"] | null;
            /** Node Pools */
            node_pools?: components["schemas"]["NodePoolPart"][];
            /** Plan Digest */
            plan_digest?: string | null;
            /** Region */
            region?: string | null;
            template?: components["schemas"]["TemplateRef"] | null;
            /** Version */
            version?: string | null;
            /** Workspace Id */
            workspace_id?: string | null;
            /** Zones */
            zones?: string[];
        } & {
            [key: string]: unknown;
        };
        /**
         * ClusterEventAnswer
         * @description Something that happened to an object, as the cluster tells it.
         */
        ClusterEventAnswer: {
            /** Count */
            count: number;
            /** Last Seen At */
            last_seen_at: string | null;
            /** Message */
            message: string;
            /** Namespace */
            namespace: string;
            /** Object Kind */
            object_kind: string;
            /** Object Name */
            object_name: string;
            /** Reason */
            reason: string;
            /** Type */
            type: string;
        };
        /**
         * ClusterNetworkAnswer
         * @description Where the cluster lies. `id` is our own network's, if it is one of ours; `own` = made with the cluster.
         */
        ClusterNetworkAnswer: {
            /** Cidr Block */
            cidr_block?: string | null;
            /** Own */
            own: boolean;
            /** Subnet Ids */
            subnet_ids: string[];
            /** Vpc Id */
            vpc_id: string | null;
        };
        /**
         * ClusterNetworkBody
         * @description Either an existing network (`vpc_id`, `subnet_ids`), only observed, or one made with the cluster (the rest).
         */
        ClusterNetworkBody: {
            /** Cidr Block */
            cidr_block?: string | null;
            /** Mtu */
            mtu?: number | null;
            /** Nat */
            nat?: ("single" | "per_zone" | "none") | null;
            /** Private Nodes */
            private_nodes?: boolean | null;
            /** Refuse Overlap */
            refuse_overlap?: boolean | null;
            /** Routing Mode */
            routing_mode?: ("regional" | "global") | null;
            /** Subnet Ids */
            subnet_ids?: string[];
            /** Vpc Id */
            vpc_id?: string | null;
            /** Zones */
            zones?: number | null;
        };
        /**
         * ClusterPatchBody
         * @description PATCH: what may change in place. Besides: the provider's object, merged into the present switches.
         */
        ClusterPatchBody: {
            /** Deletion Protection */
            deletion_protection?: boolean | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Version */
            version?: string | null;
        } & {
            [key: string]: unknown;
        };
        /**
         * ClusterTemplateAnswer
         * @description One version of a template. `deprecated_at`: it works, and says why it should not be used any more.
         */
        ClusterTemplateAnswer: {
            /** Body */
            body: {
                [key: string]: unknown;
            };
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Created By */
            created_by: string;
            /** Deprecated At */
            deprecated_at: string | null;
            /** Deprecated Reason */
            deprecated_reason: string;
            /** Description */
            description: string;
            /** Name */
            name: string;
            /** Provider */
            provider: string;
            /** Version */
            version: number;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * ClusterTemplateBody
         * @description POST .../cluster-templates: the next version of `name`. `body` is part of a body for creating clusters of the
         *     provider, without what each request says for itself (name, credential).
         */
        ClusterTemplateBody: {
            /** Body */
            body: {
                [key: string]: unknown;
            };
            /**
             * Description
             * @default
             */
            description?: string;
            /** Name */
            name: string;
            /** Provider */
            provider: string;
        };
        /**
         * CodeBody
         * @description A code of the authenticator app.
         */
        CodeBody: {
            /** Code */
            code: string;
        };
        /**
         * ConditionAnswer
         * @description One aspect of the state, as Kubernetes writes them.
         */
        ConditionAnswer: {
            /**
             * Message
             * @default
             */
            message?: string;
            /**
             * Reason
             * @default
             */
            reason?: string;
            /**
             * Status
             * @enum {string}
             */
            status: "True" | "False" | "Unknown";
            /** Type */
            type: string;
        };
        /**
         * CostAnswer
         * @description What it costs by list prices; `as_of` is the date of the oldest price in it.
         */
        CostAnswer: {
            /** As Of */
            as_of: string | null;
            /** Usd Per Month */
            usd_per_month: number;
        };
        /**
         * CreationPlanAnswer
         * @description What creating a cluster would make. From a template: which version, and the whole body that came out.
         */
        CreationPlanAnswer: {
            /** Body */
            body?: {
                [key: string]: unknown;
            } | null;
            /** Changes */
            changes: components["schemas"]["PlannedChangeAnswer"][];
            /**
             * Cidr Block
             * @description of the network that this makes
             */
            cidr_block?: string | null;
            /** Digest */
            digest: string;
            /** Expected Seconds */
            expected_seconds: number;
            /** Findings */
            findings: components["schemas"]["FindingAnswer"][];
            /** Inventory */
            inventory?: components["schemas"]["InventoryAnswer"][] | null;
            /** Ok */
            ok: boolean;
            /** Quotas */
            quotas?: components["schemas"]["QuotaAnswer"][] | null;
            /** Template */
            template?: string | null;
            /** Usd Per Month */
            usd_per_month: number;
        };
        /**
         * CredentialAnswer
         * @description A cloud account as it may be shown.
         */
        CredentialAnswer: {
            /**
             * Account
             * @description AWS account, GCP project, Azure subscription
             */
            account: string;
            /**
             * Checked At
             * Format: date-time
             * @description when the cloud was last asked about it
             */
            checked_at: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /**
             * External Id
             * @description what a role that the server assumes must ask for in its trust policy
             */
            external_id: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Issued At
             * @description when its secret was made, where the cloud tells
             */
            issued_at: string | null;
            /** Missing Permissions */
            missing_permissions: string[];
            /** Name */
            name: string;
            /** Principal */
            principal: string;
            /** Provider */
            provider: string;
            /**
             * Reason
             * @description why it is not valid, or will soon not be
             */
            reason: string;
            /**
             * State
             * @description valid | expiring | invalid | unverified
             */
            state: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /**
             * Verified At
             * Format: date-time
             * @description when the cloud accepted it last
             */
            verified_at: string;
            /** Version */
            version: number;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * CredentialBody
         * @description A new cloud account.
         */
        CredentialBody: {
            /**
             * Data
             * @description fields of the provider's credential_schema (GET /providers); never shown again
             */
            data: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /** Name */
            name: string;
            /** Provider */
            provider: string;
            /** Workspace Id */
            workspace_id?: string | null;
        };
        /**
         * CredentialPatch
         * @description A new name, a new secret for the same account, or both.
         */
        CredentialPatch: {
            /** Data */
            data?: {
                [key: string]: components["schemas"]["JsonValue"];
            } | null;
            /** Name */
            name?: string | null;
        };
        /**
         * CurrentPasswordBody
         * @description The current password proves that whoever asks is more than the finder of a session.
         */
        CurrentPasswordBody: {
            /**
             * Current Password
             * Format: password
             */
            current_password: string;
        };
        /**
         * DeprecationBody
         * @description POST .../{version}:deprecate: why, and what to use instead.
         */
        DeprecationBody: {
            /** Reason */
            reason: string;
        };
        /**
         * DrainBody
         * @description How a node is drained. Without flags nothing is lost that would not come back.
         */
        DrainBody: {
            /**
             * Delete Emptydir Data
             * @description also pods whose emptyDir data is lost
             * @default false
             */
            delete_emptydir_data?: boolean;
            /**
             * Force
             * @description also pods that nothing makes anew
             * @default false
             */
            force?: boolean;
            /**
             * Grace Period Seconds
             * @description the time pods get to end; by default what each of them says
             */
            grace_period_seconds?: number | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /**
             * Timeout Seconds
             * @description for how long one pod is waited for
             * @default 900
             */
            timeout_seconds?: number;
        };
        /**
         * DrainedPodAnswer
         * @description A pod, and why it is in this list. `budgets` are the PodDisruptionBudgets ("namespace/name") that hold it.
         */
        DrainedPodAnswer: {
            /**
             * Budgets
             * @default []
             */
            budgets?: string[];
            /**
             * Message
             * @default
             */
            message?: string;
            /** Name */
            name: string;
            /** Namespace */
            namespace: string;
        };
        /**
         * DrainPlanAnswer
         * @description What a drain would do. `evicts` would be asked to go; of them, `blocked` are held by a disruption budget now.
         *
         *     `refused` forbid the drain without a flag; `kept` stay (DaemonSets, mirror pods, what has ended).
         */
        DrainPlanAnswer: {
            /** Blocked */
            blocked: components["schemas"]["DrainedPodAnswer"][];
            /** Changes */
            changes: components["schemas"]["PlannedChangeAnswer"][];
            /**
             * Cidr Block
             * @description of the network that this makes
             */
            cidr_block?: string | null;
            /** Digest */
            digest: string;
            /** Evicts */
            evicts: components["schemas"]["DrainedPodAnswer"][];
            /** Expected Seconds */
            expected_seconds: number;
            /** Findings */
            findings: components["schemas"]["FindingAnswer"][];
            /** Inventory */
            inventory?: components["schemas"]["InventoryAnswer"][] | null;
            /** Kept */
            kept: components["schemas"]["DrainedPodAnswer"][];
            /** Node */
            node: string;
            /** Ok */
            ok: boolean;
            /** Quotas */
            quotas?: components["schemas"]["QuotaAnswer"][] | null;
            /** Refused */
            refused: components["schemas"]["DrainedPodAnswer"][];
            /** Usd Per Month */
            usd_per_month: number;
        };
        /**
         * DriftAnswer
         * @description A resource that is not as wanted. `since`: first seen so by a sweep.
         */
        DriftAnswer: {
            /** Actions */
            actions: string[];
            belongs_to: components["schemas"]["WholeAnswer"];
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /**
             * Drift
             * @enum {string}
             */
            drift: "missing" | "changed" | "failed";
            /** External Id */
            external_id: string | null;
            /** Fields */
            fields: components["schemas"]["FieldDriftAnswer"][];
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Key */
            key: string;
            /** Kind */
            kind: string;
            /** Links */
            links: {
                [key: string]: string;
            };
            /** Message */
            message: string;
            /** Provider */
            provider: string;
            /** Region */
            region: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /** Title */
            title: string;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * DriftPage
         * @description Drifted resources, and how fresh that picture is.
         */
        DriftPage: {
            /** Items */
            items: components["schemas"]["DriftAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
            /** Sweeps */
            sweeps: components["schemas"]["SweepAnswer"][];
        };
        /**
         * ExecCredential
         * @description client.authentication.k8s.io/v1 ExecCredential, for kubectl's exec plug-in.
         */
        ExecCredential: {
            /**
             * Apiversion
             * @default client.authentication.k8s.io/v1
             */
            apiVersion?: string;
            /**
             * Kind
             * @default ExecCredential
             */
            kind?: string;
            status: components["schemas"]["ExecStatus"];
        };
        /**
         * ExecStatus
         * @description The short-lived token.
         */
        ExecStatus: {
            /**
             * Expirationtimestamp
             * Format: date-time
             */
            expirationTimestamp: string;
            /** Token */
            token: string;
        };
        /**
         * ExportFormat
         * @description How to write the export.
         * @enum {string}
         */
        ExportFormat: "ndjson" | "csv";
        /**
         * FactorRemovalBody
         * @description Password and a code, or a recovery code.
         */
        FactorRemovalBody: {
            /** Code */
            code: string;
            /**
             * Current Password
             * Format: password
             */
            current_password: string;
        };
        /**
         * FactorSetupAnswer
         * @description For the authenticator app: the text to type, and the same for a QR code. Shown this once.
         */
        FactorSetupAnswer: {
            /** Shared Secret */
            shared_secret: string;
            /** Uri */
            uri: string;
        };
        /**
         * FieldChangeAnswer
         * @description One field that changes. `replace`: the cloud cannot change it in place.
         */
        FieldChangeAnswer: {
            /** After */
            after: unknown;
            /** Before */
            before: unknown;
            /** Field */
            field: string;
            /** Replace */
            replace: boolean;
        };
        /**
         * FieldDriftAnswer
         * @description One field that differs. `replace`: repairing it means to make the resource anew.
         */
        FieldDriftAnswer: {
            /** Field */
            field: string;
            /** Replace */
            replace: boolean;
            /** Seen */
            seen: unknown;
            /** Wanted */
            wanted: unknown;
        };
        /**
         * FindingAnswer
         * @description What a pre-flight check found. An `error` forbids applying the plan.
         */
        FindingAnswer: {
            /** Code */
            code: string;
            /** Field */
            field: string;
            /** Message */
            message: string;
            /** Severity */
            severity: string;
        };
        /**
         * FreeRangeAnswer
         * @description A range that overlaps nothing of the workspace.
         */
        FreeRangeAnswer: {
            /** Addresses */
            addresses: number;
            /** Cidr Block */
            cidr_block: string;
        };
        /**
         * FreeRangesAnswer
         * @description Free ranges, lowest first; fewer than asked for when there are no more. `avoided`: ranges that lie in the way.
         */
        FreeRangesAnswer: {
            /** Avoided */
            avoided: number;
            /** Items */
            items: components["schemas"]["FreeRangeAnswer"][];
            /** Next Cursor */
            next_cursor?: null;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * GpuAnswer
         * @description Graphics processors of each node.
         */
        GpuAnswer: {
            /** Count */
            count: number;
            /** Type */
            type: string;
        };
        /**
         * GpuBody
         * @description Graphics processors of each node; `type` is the cloud's own word, as its machine types tell it.
         */
        GpuBody: {
            /**
             * Count
             * @default 1
             */
            count?: number;
            /** Type */
            type: string;
        };
        /**
         * GpuOfAnswer
         * @description Graphics processors of a machine.
         */
        GpuOfAnswer: {
            /** Count */
            count: number;
            /** Type */
            type: string;
        };
        /**
         * HibernationPlanAnswer
         * @description What hibernating or waking would do. `usd_per_month` is the difference, `usd_per_month_then` what is left.
         */
        HibernationPlanAnswer: {
            /** Changes */
            changes: components["schemas"]["PlannedChangeAnswer"][];
            /**
             * Cidr Block
             * @description of the network that this makes
             */
            cidr_block?: string | null;
            /** Digest */
            digest: string;
            /** Expected Seconds */
            expected_seconds: number;
            /** Findings */
            findings: components["schemas"]["FindingAnswer"][];
            /** Inventory */
            inventory?: components["schemas"]["InventoryAnswer"][] | null;
            /** Ok */
            ok: boolean;
            /** Pools */
            pools: components["schemas"]["PoolSizeAnswer"][];
            /** Quotas */
            quotas?: components["schemas"]["QuotaAnswer"][] | null;
            /** Usd Per Month */
            usd_per_month: number;
            /** Usd Per Month Then */
            usd_per_month_then: number;
        };
        /**
         * HibernationScheduleAnswer
         * @description When the cluster sleeps. `waiting` says why what is due has not begun; it is tried again every minute.
         */
        HibernationScheduleAnswer: {
            /**
             * Cluster Id
             * Format: uuid
             */
            cluster_id: string;
            last: components["schemas"]["LastScheduledAnswer"] | null;
            /** Next */
            next: components["schemas"]["ScheduledAnswer"][];
            /** Rules */
            rules: components["schemas"]["ScheduleRuleBody"][];
            /** Time Zone */
            time_zone: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Waiting */
            waiting: string;
        };
        /**
         * HibernationScheduleBody
         * @description PUT .../hibernation-schedule: the whole timetable. `time_zone` is an IANA name, "Europe/Zurich".
         */
        HibernationScheduleBody: {
            /** Rules */
            rules: components["schemas"]["ScheduleRuleBody"][];
            /** Time Zone */
            time_zone: string;
        };
        /**
         * IdentityAnswer
         * @description Who a workspace is to clouds that trust this installation as an OpenID Connect issuer.
         */
        IdentityAnswer: {
            /** Guides */
            guides: components["schemas"]["TrustGuide"][];
            /** Issuer */
            issuer: string;
            /** Jwks Uri */
            jwks_uri: string;
            /**
             * Subject
             * @description the workspace's own; no tenant can choose it
             */
            subject: string;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * ImportableAnswer
         * @description A cluster or network that exists in the cloud. `taken`: this installation has it already, as `id` if you may see
         *     it. `mark` proves that some installation of SkyClust manages it.
         */
        ImportableAnswer: {
            /** Cidr Block */
            cidr_block: string | null;
            /** External Id */
            external_id: string;
            /** Id */
            id: string | null;
            /** Mark */
            mark: string | null;
            /** Name */
            name: string;
            /** Region */
            region: string;
            /** Taken */
            taken: boolean;
            /** Version */
            version: string | null;
        };
        /**
         * ImportBody
         * @description POST .../clusters:import and .../vpcs:import: which one, by name or by the cloud's id.
         *
         *     `managed`: change and delete it like our own; else it is only observed, and forgotten on deletion.
         */
        ImportBody: {
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /** External Id */
            external_id?: string | null;
            /**
             * Managed
             * @default false
             */
            managed?: boolean;
            /** Name */
            name?: string | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Region */
            region?: string | null;
            /** Workspace Id */
            workspace_id?: string | null;
        };
        /**
         * ImportPlanAnswer
         * @description What an import would take over. `following`: what the plan after it would still do; nothing, if all is well.
         */
        ImportPlanAnswer: {
            /** Changes */
            changes: components["schemas"]["PlannedChangeAnswer"][];
            /**
             * Cidr Block
             * @description of the network that this makes
             */
            cidr_block?: string | null;
            /** Digest */
            digest: string;
            /** Expected Seconds */
            expected_seconds: number;
            /** Findings */
            findings: components["schemas"]["FindingAnswer"][];
            /** Following */
            following: components["schemas"]["PlannedChangeAnswer"][];
            /** Inventory */
            inventory?: components["schemas"]["InventoryAnswer"][] | null;
            /** Managed */
            managed: boolean;
            /** Ok */
            ok: boolean;
            /** Quotas */
            quotas?: components["schemas"]["QuotaAnswer"][] | null;
            /** Usd Per Month */
            usd_per_month: number;
        };
        /** InsidePage[ClusterEventAnswer] */
        InsidePage_ClusterEventAnswer_: {
            /** Items */
            items: components["schemas"]["ClusterEventAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** InsidePage[NamespaceAnswer] */
        InsidePage_NamespaceAnswer_: {
            /** Items */
            items: components["schemas"]["NamespaceAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** InsidePage[NodeAnswer] */
        InsidePage_NodeAnswer_: {
            /** Items */
            items: components["schemas"]["NodeAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** InsidePage[PodAnswer] */
        InsidePage_PodAnswer_: {
            /** Items */
            items: components["schemas"]["PodAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** InsidePage[WorkloadAnswer] */
        InsidePage_WorkloadAnswer_: {
            /** Items */
            items: components["schemas"]["WorkloadAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /**
         * InventoryAnswer
         * @description One thing found inside a network that goes. `why` says how its origin was recognised.
         */
        InventoryAnswer: {
            /** External Id */
            external_id: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Origin */
            origin: string;
            /** Why */
            why: string;
        };
        /**
         * InvitationAnswer
         * @description An open invitation, without its link.
         */
        InvitationAnswer: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Email */
            email: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Role */
            role: string;
        };
        /**
         * InvitationBody
         * @description Somebody who is to become a member, with or without an account here.
         */
        InvitationBody: {
            /** Email */
            email: string;
            /**
             * Expires In Days
             * @default 7
             */
            expires_in_days?: number;
            /** Role */
            role: string;
        };
        /**
         * JoinAnswer
         * @description Where one has become a member.
         */
        JoinAnswer: {
            /** Role */
            role: string;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * JoinBody
         * @description The link's token.
         */
        JoinBody: {
            /**
             * Token
             * Format: password
             */
            token: string;
        };
        JsonValue: unknown;
        /**
         * LastScheduledAnswer
         * @description The last one that was carried out. `at` is when.
         */
        LastScheduledAnswer: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Do
             * @enum {string}
             */
            do: "hibernate" | "wake";
            /** Operation Id */
            operation_id: string | null;
        };
        /**
         * LeftoverAnswer
         * @description Something that was to go and may still be in the cloud. `external_id` is null when it was never seen.
         */
        LeftoverAnswer: {
            /** External Id */
            external_id: string | null;
            /** Kind */
            kind: string;
            /** Region */
            region: string;
            /** Remedy */
            remedy: string;
            /** Step */
            step: string;
            /** Title */
            title: string;
            /** Why */
            why: string;
        };
        /**
         * LoginBody
         * @description Who signs in. `code`: of the authenticator app or a recovery code, for accounts with a second factor.
         */
        LoginBody: {
            /** Code */
            code?: string | null;
            /** Email */
            email: string;
            /**
             * Password
             * Format: password
             */
            password: string;
        };
        /**
         * MachineTypeAnswer
         * @description A machine one may ask for; `price` is on demand. `gpu`: what it has, where that is known.
         */
        MachineTypeAnswer: {
            gpu?: components["schemas"]["GpuOfAnswer"] | null;
            /** Memory Gib */
            memory_gib: number;
            /** Name */
            name: string;
            price: components["schemas"]["PriceAnswer"] | null;
            spot_price: components["schemas"]["PriceAnswer"] | null;
            /** Vcpu */
            vcpu: number;
        };
        /**
         * MeAnswer
         * @description Who the caller is, and what they may do where.
         */
        MeAnswer: {
            /** Email */
            email: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Is Platform Admin */
            is_platform_admin: boolean;
            /** Memberships */
            memberships: components["schemas"]["MembershipAnswer"][];
            /**
             * Session Id
             * Format: uuid
             */
            session_id: string;
        };
        /**
         * MemberAnswer
         * @description A member.
         */
        MemberAnswer: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Display Name */
            display_name: string;
            /** Email */
            email: string;
            /** Role */
            role: string;
            /**
             * User Id
             * Format: uuid
             */
            user_id: string;
        };
        /**
         * MemberBody
         * @description A user of the installation who becomes a member.
         */
        MemberBody: {
            /** Email */
            email: string;
            /** Role */
            role: string;
        };
        /**
         * MemberPatch
         * @description Another role.
         */
        MemberPatch: {
            /** Role */
            role: string;
        };
        /**
         * MembershipAnswer
         * @description One workspace of the caller.
         */
        MembershipAnswer: {
            /** Name */
            name: string;
            /** Permissions */
            permissions: components["schemas"]["Permission"][];
            /** Role */
            role: string;
            /** Suspended */
            suspended: boolean;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * NamedAnswer
         * @description A region or a zone.
         */
        NamedAnswer: {
            /** Name */
            name: string;
        };
        /**
         * NamesAnswer
         * @description Regions or zones, sorted.
         */
        NamesAnswer: {
            /** Items */
            items: components["schemas"]["NamedAnswer"][];
        };
        /**
         * NamespaceAnswer
         * @description A namespace.
         */
        NamespaceAnswer: {
            /** Created At */
            created_at: string | null;
            /** Name */
            name: string;
            /** Phase */
            phase: string;
        };
        /**
         * NetworkAnswer
         * @description A network. `vpc_id` is the cloud's id, as soon as there is one.
         */
        NetworkAnswer: {
            /** Carve */
            carve: boolean;
            /** Cidr Block */
            cidr_block: string;
            /** Cluster Id */
            cluster_id: string | null;
            cost: components["schemas"]["NetworkCostAnswer"] | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /** Deletion Protection */
            deletion_protection: boolean;
            /**
             * External Id
             * @description the same as vpc_id
             */
            external_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Managed
             * @description false: imported read-only, only observed
             * @default true
             */
            managed?: boolean;
            /** Message */
            message: string;
            /** Mtu */
            mtu: number | null;
            /** Name */
            name: string;
            /**
             * Nat
             * @description null where the subnets are your own
             */
            nat: string | null;
            /** Operation Id */
            operation_id: string | null;
            owned_by: components["schemas"]["OwnerAnswer"] | null;
            /** Private Nodes */
            private_nodes: boolean;
            /** Provider */
            provider: string;
            /** Region */
            region: string;
            /** Routing Mode */
            routing_mode: string;
            /**
             * State
             * @enum {string}
             */
            state: "provisioning" | "ready" | "updating" | "deleting" | "needs_attention" | "drifted" | "deleted";
            /** Subnet Ids */
            subnet_ids: string[];
            /** Vpc Id */
            vpc_id: string | null;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
            /** Zones */
            zones: number;
        };
        /**
         * NetworkBody
         * @description POST /{provider}/network/vpcs.
         */
        NetworkBody: {
            /**
             * Carve
             * @default false
             */
            carve?: boolean;
            /** Cidr Block */
            cidr_block?: string | null;
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /**
             * Deletion Protection
             * @description refuse every way to delete it until this is false again
             * @default false
             */
            deletion_protection?: boolean;
            /** Mtu */
            mtu?: number | null;
            /** Name */
            name: string;
            /** Nat */
            nat?: ("single" | "per_zone" | "none") | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /**
             * Private Nodes
             * @default true
             */
            private_nodes?: boolean;
            /**
             * Refuse Overlap
             * @description refuse a cidr_block that overlaps any range of the workspace, on whatever cloud
             * @default false
             */
            refuse_overlap?: boolean;
            /** Region */
            region?: string | null;
            /**
             * Routing Mode
             * @default regional
             * @enum {string}
             */
            routing_mode?: "regional" | "global";
            /** Security Groups */
            security_groups?: components["schemas"]["SecurityGroupPart"][];
            /** Subnets */
            subnets?: components["schemas"]["SubnetPart"][];
            /** Workspace Id */
            workspace_id?: string | null;
            /**
             * Zones
             * @default 2
             */
            zones?: number;
        };
        /**
         * NetworkCostAnswer
         * @description What it costs by list prices; null when it is in its cluster's cost already.
         */
        NetworkCostAnswer: {
            /** As Of */
            as_of: string | null;
            /** Usd Per Month */
            usd_per_month: number;
        };
        /**
         * NetworkPart
         * @description What a network is asked to be. `carve`: make public and private subnets, gateways and NAT, fit for a cluster.
         */
        NetworkPart: {
            /**
             * Carve
             * @default false
             */
            carve?: boolean;
            /** Cidr Block */
            cidr_block?: string | null;
            /**
             * Deletion Protection
             * @description refuse every way to delete it until this is false again
             * @default false
             */
            deletion_protection?: boolean;
            /** Mtu */
            mtu?: number | null;
            /** Name */
            name: string;
            /** Nat */
            nat?: ("single" | "per_zone" | "none") | null;
            /**
             * Private Nodes
             * @default true
             */
            private_nodes?: boolean;
            /**
             * Refuse Overlap
             * @description refuse a cidr_block that overlaps any range of the workspace, on whatever cloud
             * @default false
             */
            refuse_overlap?: boolean;
            /** Region */
            region?: string | null;
            /**
             * Routing Mode
             * @default regional
             * @enum {string}
             */
            routing_mode?: "regional" | "global";
            /** Security Groups */
            security_groups?: components["schemas"]["SecurityGroupPart"][];
            /** Subnets */
            subnets?: components["schemas"]["SubnetPart"][];
            /**
             * Zones
             * @default 2
             */
            zones?: number;
        };
        /**
         * NetworkPatchBody
         * @description What may change in place.
         */
        NetworkPatchBody: {
            /** Deletion Protection */
            deletion_protection?: boolean | null;
            /** Mtu */
            mtu?: number | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Routing Mode */
            routing_mode?: ("regional" | "global") | null;
        };
        /**
         * NewAddonBody
         * @description POST .../addons.
         */
        NewAddonBody: {
            /**
             * Configuration
             * @description the add-on's own settings; nothing secret: they are shown
             */
            configuration?: {
                [key: string]: unknown;
            };
            /** Identity */
            identity?: string | null;
            /** Name */
            name: string;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Version */
            version?: string | null;
        };
        /**
         * NewApiTokenAnswer
         * @description A token with its text, which is shown this once.
         */
        NewApiTokenAnswer: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Hint
             * @description the last characters of its text
             */
            hint: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Last Used Address */
            last_used_address: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Name */
            name: string;
            /** Scopes */
            scopes: string[];
            /** Token */
            token: string;
            /** Workspace Id */
            workspace_id: string | null;
        };
        /**
         * NewInvitationAnswer
         * @description An invitation with its link's token, which is shown this once: hand it to the person.
         */
        NewInvitationAnswer: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Email */
            email: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Role */
            role: string;
            /** Token */
            token: string;
        };
        /**
         * NewNodePoolBody
         * @description POST .../node-pools.
         */
        NewNodePoolBody: {
            auto_scaling?: boolean | components["schemas"]["AutoScalingBody"] | null;
            /**
             * Disk Gb
             * @default 50
             */
            disk_gb?: number;
            /** Disk Type */
            disk_type?: string | null;
            gpu?: components["schemas"]["GpuBody"] | null;
            /** Labels */
            labels?: {
                [key: string]: string;
            };
            /** Machine Type */
            machine_type?: string | null;
            /** Machine Types */
            machine_types?: string[];
            /** Name */
            name: string;
            /** Node Count */
            node_count?: number | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /**
             * Spot
             * @default false
             */
            spot?: boolean | components["schemas"]["SpotBody"];
            /** Taints */
            taints?: components["schemas"]["TaintBody"][];
            upgrade?: components["schemas"]["UpgradeSettingsBody"] | null;
            /** Zones */
            zones?: string[];
        };
        /**
         * NewRuleBody
         * @description POST .../rules.
         */
        NewRuleBody: {
            /**
             * Action
             * @default allow
             * @enum {string}
             */
            action?: "allow" | "deny";
            /** Cidrs */
            cidrs: string[];
            /**
             * Description
             * @default
             */
            description?: string;
            /**
             * Direction
             * @default ingress
             * @enum {string}
             */
            direction?: "ingress" | "egress";
            /** From Port */
            from_port?: number | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /**
             * Protocol
             * @enum {string}
             */
            protocol: "tcp" | "udp" | "icmp" | "all";
            /** To Port */
            to_port?: number | null;
        };
        /**
         * NodeAnswer
         * @description A Kubernetes node.
         */
        NodeAnswer: {
            /** Created At */
            created_at: string | null;
            /** Internal Ip */
            internal_ip: string | null;
            /** Machine Type */
            machine_type: string | null;
            /** Name */
            name: string;
            /** Node Pool */
            node_pool: string | null;
            /** Ready */
            ready: boolean;
            /** Schedulable */
            schedulable: boolean;
            /** State */
            state: string;
            /** Version */
            version: string;
            /** Zone */
            zone: string | null;
        };
        /**
         * NodeConditionAnswer
         * @description What the node says of itself.
         */
        NodeConditionAnswer: {
            /** Message */
            message: string;
            /** Reason */
            reason: string;
            /** Since */
            since: string | null;
            /** Status */
            status: string;
            /** Type */
            type: string;
        };
        /**
         * NodeDetailAnswer
         * @description A node as `kubectl describe` tells it. Quantities are in Kubernetes' own spelling.
         */
        NodeDetailAnswer: {
            /** Allocatable */
            allocatable: {
                [key: string]: string;
            };
            /** Capacity */
            capacity: {
                [key: string]: string;
            };
            /** Conditions */
            conditions: components["schemas"]["NodeConditionAnswer"][];
            /** Container Runtime */
            container_runtime: string;
            /** Created At */
            created_at: string | null;
            /** Internal Ip */
            internal_ip: string | null;
            /** Kernel Version */
            kernel_version: string;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Machine Type */
            machine_type: string | null;
            /** Name */
            name: string;
            /** Node Pool */
            node_pool: string | null;
            /** Os Image */
            os_image: string;
            /** Pods */
            pods: components["schemas"]["PodAnswer"][];
            /** Ready */
            ready: boolean;
            /** Schedulable */
            schedulable: boolean;
            /** State */
            state: string;
            /** Taints */
            taints: components["schemas"]["NodeTaintAnswer"][];
            /** Version */
            version: string;
            /** Zone */
            zone: string | null;
        };
        /**
         * NodePoolAnswer
         * @description A node pool. `node_count` is what was asked for; with `auto_scaling` the cloud may have more or fewer.
         *
         *     `wakes_to` is set while the cluster is hibernated.
         */
        NodePoolAnswer: {
            auto_scaling: components["schemas"]["AutoScalingAnswer"] | null;
            /** Disk Gb */
            disk_gb: number;
            /** Disk Type */
            disk_type?: string | null;
            /** External Id */
            external_id?: string | null;
            gpu?: components["schemas"]["GpuAnswer"] | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Machine Type */
            machine_type: string;
            /** Machine Types */
            machine_types: string[];
            /**
             * Message
             * @default
             */
            message?: string;
            /** Name */
            name: string;
            /** Node Count */
            node_count: number;
            /** Spot */
            spot: boolean;
            /** State */
            state: string;
            /** Taints */
            taints: components["schemas"]["TaintAnswer"][];
            upgrade?: components["schemas"]["UpgradeSettingsAnswer"] | null;
            wakes_to?: components["schemas"]["WakesToAnswer"] | null;
            /** Zones */
            zones: string[];
        };
        /**
         * NodePoolPart
         * @description A group of equal machines. `auto_scaling: true` means sensible bounds around `node_count`.
         *
         *     `machine_types` are all that the cloud may take, best first, where it takes several; `machine_type` may be left out
         *     then, and where a template has it.
         */
        NodePoolPart: {
            auto_scaling?: boolean | components["schemas"]["AutoScalingBody"] | null;
            /**
             * Disk Gb
             * @default 50
             */
            disk_gb?: number;
            /** Disk Type */
            disk_type?: string | null;
            gpu?: components["schemas"]["GpuBody"] | null;
            /** Labels */
            labels?: {
                [key: string]: string;
            };
            /** Machine Type */
            machine_type?: string | null;
            /** Machine Types */
            machine_types?: string[];
            /**
             * Name
             * @default default
             */
            name?: string;
            /** Node Count */
            node_count?: number | null;
            /**
             * Spot
             * @default false
             */
            spot?: boolean | components["schemas"]["SpotBody"];
            /** Taints */
            taints?: components["schemas"]["TaintBody"][];
            upgrade?: components["schemas"]["UpgradeSettingsBody"] | null;
            /** Zones */
            zones?: string[];
        };
        /**
         * NodePoolPatchBody
         * @description PATCH .../node-pools/{pool}: only what is given changes.
         */
        NodePoolPatchBody: {
            auto_scaling?: boolean | components["schemas"]["AutoScalingBody"] | null;
            /** Labels */
            labels?: {
                [key: string]: string;
            } | null;
            /** Node Count */
            node_count?: number | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Taints */
            taints?: components["schemas"]["TaintBody"][] | null;
            upgrade?: components["schemas"]["UpgradeSettingsBody"] | null;
        };
        /**
         * NodeTaintAnswer
         * @description What keeps pods away that do not tolerate it.
         */
        NodeTaintAnswer: {
            /** Effect */
            effect: string;
            /** Key */
            key: string;
            /** Value */
            value: string;
        };
        /**
         * OperationAnswer
         * @description `state`: pending, running, paused, succeeded, failed, needs_attention, cancelling, cancelled.
         */
        OperationAnswer: {
            /** Actions */
            actions: string[];
            /** Attention */
            attention: components["schemas"]["AttentionAnswer"][];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
            error: components["schemas"]["OperationErrorAnswer"] | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Leftovers */
            leftovers: components["schemas"]["LeftoverAnswer"][];
            /** Links */
            links: {
                [key: string]: string;
            };
            /** Plan */
            plan: {
                [key: string]: unknown;
            };
            progress: components["schemas"]["ProgressAnswer"];
            requested_by: components["schemas"]["RequesterAnswer"];
            /** Started At */
            started_at: string | null;
            /** State */
            state: string;
            /** Steps */
            steps: components["schemas"]["StepAnswer"][];
            target: components["schemas"]["TargetAnswer"];
            /** Timeline */
            timeline: components["schemas"]["TimelineAnswer"][];
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * OperationErrorAnswer
         * @description What stands in the way.
         */
        OperationErrorAnswer: {
            /** Message */
            message: string;
            /** Reason */
            reason: string;
        };
        /**
         * OperationState
         * @description The user's view of applying a plan.
         * @enum {string}
         */
        OperationState: "pending" | "running" | "paused" | "succeeded" | "failed" | "needs_attention" | "cancelling" | "cancelled";
        /**
         * OrphanAnswer
         * @description Something that carries our mark and belongs to nobody, seen so by two sweeps in a row.
         *
         *     `proof` is what carries the mark. `proven`: the mark names a stack of this installation; what is not proven is shown
         *     and never touched. `usd_per_day` is null where no price is known.
         */
        OrphanAnswer: {
            /** Actions */
            actions: string[];
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /** External Id */
            external_id: string;
            /**
             * First Seen At
             * Format: date-time
             */
            first_seen_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Ignored By */
            ignored_by: string;
            /** Key */
            key: string;
            /** Kind */
            kind: string;
            /**
             * Last Seen At
             * Format: date-time
             */
            last_seen_at: string;
            /** Links */
            links: {
                [key: string]: string;
            };
            /** Made At */
            made_at: string | null;
            /** Made For */
            made_for: string;
            /** Name */
            name: string;
            /** Operation Id */
            operation_id: string | null;
            price: components["schemas"]["PlannedPriceAnswer"] | null;
            /** Proof */
            proof: string;
            /** Proven */
            proven: boolean;
            /** Provider */
            provider: string;
            /** Region */
            region: string;
            /**
             * State
             * @enum {string}
             */
            state: "found" | "ignored" | "sweeping";
            /** Usd Per Day */
            usd_per_day: number | null;
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * OrphanPage
         * @description Orphans, what they cost together, and how fresh that picture is.
         */
        OrphanPage: {
            /** Items */
            items: components["schemas"]["OrphanAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
            /** Sweeps */
            sweeps: components["schemas"]["SweepAnswer"][];
            total: components["schemas"]["OrphanTotal"];
        };
        /**
         * OrphanTotal
         * @description All that the list is narrowed to, over all pages; ignored ones left out.
         */
        OrphanTotal: {
            /** Count */
            count: number;
            /** Usd Per Day */
            usd_per_day: number;
        };
        /**
         * OwnerAnswer
         * @description The cluster a network was made with, and with which it goes.
         */
        OwnerAnswer: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Kind
             * @default cluster
             * @constant
             */
            kind?: "cluster";
            /** Name */
            name: string;
        };
        /** Page[AddonAnswer] */
        Page_AddonAnswer_: {
            /** Items */
            items: components["schemas"]["AddonAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[ApiTokenAnswer] */
        Page_ApiTokenAnswer_: {
            /** Items */
            items: components["schemas"]["ApiTokenAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[AuditEntryAnswer] */
        Page_AuditEntryAnswer_: {
            /** Items */
            items: components["schemas"]["AuditEntryAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[ClusterAnswer] */
        Page_ClusterAnswer_: {
            /** Items */
            items: components["schemas"]["ClusterAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[ClusterTemplateAnswer] */
        Page_ClusterTemplateAnswer_: {
            /** Items */
            items: components["schemas"]["ClusterTemplateAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[CredentialAnswer] */
        Page_CredentialAnswer_: {
            /** Items */
            items: components["schemas"]["CredentialAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[ImportableAnswer] */
        Page_ImportableAnswer_: {
            /** Items */
            items: components["schemas"]["ImportableAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[InvitationAnswer] */
        Page_InvitationAnswer_: {
            /** Items */
            items: components["schemas"]["InvitationAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[MachineTypeAnswer] */
        Page_MachineTypeAnswer_: {
            /** Items */
            items: components["schemas"]["MachineTypeAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[MemberAnswer] */
        Page_MemberAnswer_: {
            /** Items */
            items: components["schemas"]["MemberAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[NetworkAnswer] */
        Page_NetworkAnswer_: {
            /** Items */
            items: components["schemas"]["NetworkAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[NodePoolAnswer] */
        Page_NodePoolAnswer_: {
            /** Items */
            items: components["schemas"]["NodePoolAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[OperationAnswer] */
        Page_OperationAnswer_: {
            /** Items */
            items: components["schemas"]["OperationAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[PeeringAnswer] */
        Page_PeeringAnswer_: {
            /** Items */
            items: components["schemas"]["PeeringAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[SecurityGroupAnswer] */
        Page_SecurityGroupAnswer_: {
            /** Items */
            items: components["schemas"]["SecurityGroupAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[SubnetAnswer] */
        Page_SubnetAnswer_: {
            /** Items */
            items: components["schemas"]["SubnetAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[UserAnswer] */
        Page_UserAnswer_: {
            /** Items */
            items: components["schemas"]["UserAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[WorkspaceAnswer] */
        Page_WorkspaceAnswer_: {
            /** Items */
            items: components["schemas"]["WorkspaceAnswer"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /**
         * PasswordBody
         * @description A new password; the current one proves who asks.
         */
        PasswordBody: {
            /**
             * Current Password
             * Format: password
             */
            current_password: string;
            /**
             * New Password
             * Format: password
             */
            new_password: string;
        };
        /**
         * PeeringAnswer
         * @description A peering, as the network that asked for it has it. `external_id` is what the cloud calls it there.
         */
        PeeringAnswer: {
            /** Cidr Block */
            cidr_block: string;
            /** External Id */
            external_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Message
             * @default
             */
            message?: string;
            /** Name */
            name: string;
            /**
             * Network Id
             * Format: uuid
             */
            network_id: string;
            /** Options */
            options: {
                [key: string]: boolean;
            };
            /** Peer Cidr Block */
            peer_cidr_block: string;
            /**
             * Peer Network Id
             * Format: uuid
             */
            peer_network_id: string;
            /** Peer Region */
            peer_region: string;
            /** Peer Vpc Id */
            peer_vpc_id: string;
            /** Provider */
            provider: string;
            /** Region */
            region: string;
            /** State */
            state: string;
            /** Vpc Id */
            vpc_id: string | null;
        };
        /**
         * PeeringBody
         * @description POST /{provider}/network/peerings. Both networks by our id, the cloud's or the name; `network_id` asks for it.
         *
         *     `options` are the cloud's own switches.
         */
        PeeringBody: {
            /** Credential Id */
            credential_id?: string | null;
            /** Name */
            name: string;
            /** Network Id */
            network_id: string;
            /** Options */
            options?: {
                [key: string]: boolean;
            };
            /** Peer Network Id */
            peer_network_id: string;
            /** Plan Digest */
            plan_digest?: string | null;
        };
        /**
         * Permission
         * @description What a member may do in a workspace. Named in every 403.
         * @enum {string}
         */
        Permission: "clusters.read" | "clusters.create" | "clusters.update" | "clusters.delete" | "clusters.kubeconfig" | "clusters.import" | "networks.read" | "networks.create" | "networks.update" | "networks.delete" | "networks.import" | "credentials.read" | "credentials.create" | "credentials.update" | "credentials.delete" | "credentials.use" | "drift.read" | "drift.accept" | "orphans.act" | "operations.read" | "operations.act" | "members.read" | "members.manage" | "workspace.update" | "workspace.delete" | "roles.manage" | "audit.read";
        /**
         * PermissionsAnswer
         * @description What the caller may do, workspace by workspace.
         */
        PermissionsAnswer: {
            /** Is Platform Admin */
            is_platform_admin: boolean;
            /** Workspaces */
            workspaces: components["schemas"]["MembershipAnswer"][];
        };
        /**
         * PlanAnswer
         * @description What applying would do. `ok` is false when a finding forbids it; `inventory` comes with deletions of networks,
         *     `quotas` with plans that add something to a workspace that has limits.
         */
        PlanAnswer: {
            /** Changes */
            changes: components["schemas"]["PlannedChangeAnswer"][];
            /**
             * Cidr Block
             * @description of the network that this makes
             */
            cidr_block?: string | null;
            /** Digest */
            digest: string;
            /** Expected Seconds */
            expected_seconds: number;
            /** Findings */
            findings: components["schemas"]["FindingAnswer"][];
            /** Inventory */
            inventory?: components["schemas"]["InventoryAnswer"][] | null;
            /** Ok */
            ok: boolean;
            /** Quotas */
            quotas?: components["schemas"]["QuotaAnswer"][] | null;
            /** Usd Per Month */
            usd_per_month: number;
        };
        /**
         * PlannedChangeAnswer
         * @description One line of a plan.
         */
        PlannedChangeAnswer: {
            /** Changes */
            changes: components["schemas"]["FieldChangeAnswer"][];
            /** Depends On */
            depends_on: string[];
            /** Expected Seconds */
            expected_seconds: number;
            /** External Id */
            external_id: string | null;
            /** Key */
            key: string;
            /** Kind */
            kind: string;
            price: components["schemas"]["PlannedPriceAnswer"] | null;
            /** Title */
            title: string;
            /** Usd Per Month */
            usd_per_month: number;
            /** Verb */
            verb: string;
        };
        /**
         * PlannedPriceAnswer
         * @description The price a figure rests on.
         */
        PlannedPriceAnswer: {
            /** As Of */
            as_of: string;
            /** Source */
            source: string;
            /** Usd Per Hour */
            usd_per_hour: number;
        };
        /**
         * PodAnswer
         * @description A pod. `owner` is what made it ("ReplicaSet/web-5d9"), null when nothing will make it anew.
         */
        PodAnswer: {
            /** Containers */
            containers: string[];
            /** Created At */
            created_at: string | null;
            /** Name */
            name: string;
            /** Namespace */
            namespace: string;
            /** Node */
            node: string | null;
            /** Owner */
            owner: string | null;
            /** Phase */
            phase: string;
            /** Ready */
            ready: number;
            /** Reason */
            reason: string;
            /** Restarts */
            restarts: number;
        };
        /**
         * PodLogAnswer
         * @description The end of a container's log, without control characters. `truncated`: the text is longer than what is shown.
         */
        PodLogAnswer: {
            /** Container */
            container: string | null;
            /** Namespace */
            namespace: string;
            /** Pod */
            pod: string;
            /** Previous */
            previous: boolean;
            /** Text */
            text: string;
            /** Truncated */
            truncated: boolean;
        };
        /**
         * PoolSizeAnswer
         * @description A pool before and after.
         */
        PoolSizeAnswer: {
            /** Name */
            name: string;
            /** Now */
            now: number;
            /** Then */
            then: number;
        };
        /**
         * PriceAnswer
         * @description A figure with where it comes from.
         */
        PriceAnswer: {
            /** As Of */
            as_of: string;
            /** Source */
            source: string;
            /** Usd Per Hour */
            usd_per_hour: number;
        };
        /**
         * Problem
         * @description What happened, why, and what to do next (RFC 9457). Some types have more members.
         */
        Problem: {
            detail: string;
            errors?: {
                /** @description what to do */
                detail: string;
                /** @description a JSON pointer into the body, or ?name for a parameter */
                pointer: string;
            }[];
            missing_permission?: string;
            status: number;
            title: string;
            /** @description under which the log and the audit have it */
            trace_id: string;
            /** @description stable: decide by this */
            type: string;
        };
        /**
         * ProgressAnswer
         * @description `percent` weighs steps by their expected duration; `eta_seconds` is null when nothing moves.
         */
        ProgressAnswer: {
            /** Done */
            done: number;
            /** Eta Seconds */
            eta_seconds: number | null;
            /** Percent */
            percent: number;
            /** Total */
            total: number;
        };
        /**
         * ProviderAnswer
         * @description An installed provider: what it can do, and the JSON Schemas of its credential and of its cluster options.
         */
        ProviderAnswer: {
            /** Capabilities */
            capabilities: string[];
            /** Cluster Options Schema */
            cluster_options_schema: {
                [key: string]: unknown;
            };
            /** Credential Schema */
            credential_schema: {
                [key: string]: unknown;
            };
            /** Name */
            name: string;
            /** Title */
            title: string;
        };
        /**
         * ProvidersAnswer
         * @description Every installed provider.
         */
        ProvidersAnswer: {
            /** Items */
            items: components["schemas"]["ProviderAnswer"][];
        };
        /**
         * QuotaAnswer
         * @description A quota of the workspace around the plan: what is used, what the plan wants besides, what it would leave.
         */
        QuotaAnswer: {
            /** Limit */
            limit: number;
            /** Name */
            name: string;
            /** Refused */
            refused: boolean;
            /** Remaining */
            remaining: number;
            /** Use */
            use: number;
            /** Wanted */
            wanted: number;
        };
        /**
         * QuotasAnswer
         * @description Every quota of a workspace.
         */
        QuotasAnswer: {
            /** Quotas */
            quotas: components["schemas"]["QuotaUseAnswer"][];
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * QuotasBody
         * @description What a workspace may have at most. Left out or null: the installation's default. All three are replaced.
         */
        QuotasBody: {
            /** Clusters */
            clusters?: number | null;
            /** Nodes */
            nodes?: number | null;
            /** Usd Per Month */
            usd_per_month?: number | null;
        };
        /**
         * QuotaUseAnswer
         * @description One quota with what the workspace has. `limit` null: none; `own`: set for this workspace, not the default.
         */
        QuotaUseAnswer: {
            /** Limit */
            limit: number | null;
            /** Name */
            name: string;
            /** Own */
            own: boolean;
            /** Remaining */
            remaining: number | null;
            /** Use */
            use: number;
        };
        /**
         * ReadinessAnswer
         * @description `checks` says of each thing that is needed "ok", or what is wrong.
         */
        ReadinessAnswer: {
            /** Checks */
            checks: {
                [key: string]: string;
            };
            /**
             * Status
             * @enum {string}
             */
            status: "ready" | "not ready";
        };
        /**
         * ReauthenticationBody
         * @description The proof of somebody who is signed in already: as at signing in, without the email.
         */
        ReauthenticationBody: {
            /** Code */
            code?: string | null;
            /**
             * Password
             * Format: password
             */
            password: string;
        };
        /**
         * RecoveryCodesAnswer
         * @description Ten codes, each for one sign-in without the app. Shown this once.
         */
        RecoveryCodesAnswer: {
            /** Recovery Codes */
            recovery_codes: string[];
        };
        /**
         * RefreshBody
         * @description The newest refresh token of the session; left out where a cookie holds it.
         */
        RefreshBody: {
            /**
             * Refresh Token
             * Format: password
             * @default
             */
            refresh_token?: string;
        };
        /**
         * RegisterBody
         * @description The first administrator. `token` is the last part of the link that the first start printed.
         */
        RegisterBody: {
            /** Display Name */
            display_name?: string | null;
            /** Email */
            email: string;
            /**
             * Password
             * Format: password
             */
            password: string;
            /** Token */
            token?: string | null;
        };
        /**
         * RepairBody
         * @description Nothing has to be said; `plan_digest` refuses (409) another plan than the one that was shown.
         */
        RepairBody: {
            /** Plan Digest */
            plan_digest?: string | null;
        };
        /**
         * RequesterAnswer
         * @description Who asked.
         */
        RequesterAnswer: {
            /** Label */
            label: string;
            /** User Id */
            user_id: string | null;
        };
        /**
         * RoleAnswer
         * @description A role that members of the workspace may have. Built-in ones cannot be changed.
         */
        RoleAnswer: {
            /** Built In */
            built_in: boolean;
            /** Description */
            description: string;
            /** Name */
            name: string;
            /** Permissions */
            permissions: components["schemas"]["Permission"][];
        };
        /**
         * RoleBody
         * @description A role of the workspace's own: what its holders may do.
         */
        RoleBody: {
            /**
             * Description
             * @default
             */
            description?: string;
            /** Name */
            name: string;
            /** Permissions */
            permissions: components["schemas"]["Permission"][];
        };
        /**
         * RolePatch
         * @description What changes about a role; its holders notice with their next request.
         */
        RolePatch: {
            /** Description */
            description?: string | null;
            /** Permissions */
            permissions?: components["schemas"]["Permission"][] | null;
        };
        /**
         * RolesAnswer
         * @description All roles of a workspace, built-in ones first.
         */
        RolesAnswer: {
            /** Items */
            items: components["schemas"]["RoleAnswer"][];
            /** Next Cursor */
            next_cursor?: null;
        };
        /**
         * RuleAnswer
         * @description A rule; its id is made from what it says.
         */
        RuleAnswer: {
            /** Action */
            action: string;
            /** Cidrs */
            cidrs: string[];
            /** Description */
            description: string;
            /** Direction */
            direction: string;
            /** From Port */
            from_port: number | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Protocol */
            protocol: string;
            /** To Port */
            to_port: number | null;
        };
        /**
         * RuleBody
         * @description One firewall rule. Ports are inclusive; none means all. `all` as protocol takes no ports.
         */
        RuleBody: {
            /**
             * Action
             * @default allow
             * @enum {string}
             */
            action?: "allow" | "deny";
            /** Cidrs */
            cidrs: string[];
            /**
             * Description
             * @default
             */
            description?: string;
            /**
             * Direction
             * @default ingress
             * @enum {string}
             */
            direction?: "ingress" | "egress";
            /** From Port */
            from_port?: number | null;
            /**
             * Protocol
             * @enum {string}
             */
            protocol: "tcp" | "udp" | "icmp" | "all";
            /** To Port */
            to_port?: number | null;
        };
        /**
         * RulesAnswer
         * @description Rules of a group.
         */
        RulesAnswer: {
            /** Items */
            items: components["schemas"]["RuleAnswer"][];
            /** Next Cursor */
            next_cursor?: null;
        };
        /**
         * ScaleBody
         * @description PUT .../scale: a size, or bounds for the autoscaler, or both.
         */
        ScaleBody: {
            auto_scaling?: boolean | components["schemas"]["AutoScalingBody"] | null;
            /** Node Count */
            node_count?: number | null;
            /** Plan Digest */
            plan_digest?: string | null;
        };
        /**
         * ScheduledAnswer
         * @description One entry of the timetable.
         */
        ScheduledAnswer: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Do
             * @enum {string}
             */
            do: "hibernate" | "wake";
        };
        /**
         * ScheduleRuleBody
         * @description What is done on these days at this time of the wall clock.
         */
        ScheduleRuleBody: {
            /** At */
            at: string;
            /** Days */
            days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
            /**
             * Do
             * @enum {string}
             */
            do: "hibernate" | "wake";
        };
        /**
         * SecondFactorAnswer
         * @description The caller's second factor.
         */
        SecondFactorAnswer: {
            /** Enabled */
            enabled: boolean;
            /** Recovery Codes Left */
            recovery_codes_left: number;
            /** Since */
            since: string | null;
        };
        /**
         * SecurityGroupAnswer
         * @description A security group (AWS), a set of firewall rules (GCP), an NSG (Azure).
         */
        SecurityGroupAnswer: {
            /** Description */
            description: string;
            /** Editable */
            editable: boolean;
            /** External Id */
            external_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Message
             * @default
             */
            message?: string;
            /** Name */
            name: string;
            /**
             * Network Id
             * Format: uuid
             */
            network_id: string;
            /** Provider */
            provider: string;
            /** Region */
            region: string;
            /** Rules */
            rules: components["schemas"]["RuleAnswer"][];
            /** State */
            state: string;
            /** Vpc Id */
            vpc_id: string | null;
        };
        /**
         * SecurityGroupBody
         * @description POST /{provider}/network/security-groups.
         */
        SecurityGroupBody: {
            /** Credential Id */
            credential_id?: string | null;
            /**
             * Description
             * @default
             */
            description?: string;
            /** Name */
            name: string;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Rules */
            rules?: components["schemas"]["RuleBody"][];
            /** Vpc Id */
            vpc_id: string;
        };
        /**
         * SecurityGroupPart
         * @description A security group inside a network's body.
         */
        SecurityGroupPart: {
            /**
             * Description
             * @default
             */
            description?: string;
            /** Name */
            name: string;
            /** Rules */
            rules?: components["schemas"]["RuleBody"][];
        };
        /**
         * SecurityGroupPatchBody
         * @description The new description, the new rules (all of them), or both.
         */
        SecurityGroupPatchBody: {
            /** Description */
            description?: string | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Rules */
            rules?: components["schemas"]["RuleBody"][] | null;
        };
        /**
         * SessionAnswer
         * @description One sign-in of a user. `authenticated_at`: when they last proved who they are.
         */
        SessionAnswer: {
            /** Address */
            address: string;
            /**
             * Authenticated At
             * Format: date-time
             */
            authenticated_at: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Current */
            current: boolean;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Last Used At
             * Format: date-time
             */
            last_used_at: string;
            /** User Agent */
            user_agent: string;
        };
        /**
         * SessionsAnswer
         * @description Live sessions, newest first.
         */
        SessionsAnswer: {
            /** Items */
            items: components["schemas"]["SessionAnswer"][];
        };
        /**
         * SignOnAnswer
         * @description Whether one can sign in by an identity provider.
         */
        SignOnAnswer: {
            /** Enabled */
            enabled: boolean;
            /** Issuer */
            issuer: string;
        };
        /**
         * SignOnTokensBody
         * @description The grant that came with the browser, and the verifier of the challenge that was given at the beginning.
         */
        SignOnTokensBody: {
            /**
             * Grant
             * Format: password
             */
            grant: string;
            /**
             * Verifier
             * Format: password
             */
            verifier: string;
        };
        /**
         * SpotBody
         * @description Spot machines. `fallback`: a second pool beside it, on demand and empty until Pods find no room elsewhere.
         */
        SpotBody: {
            /**
             * Fallback
             * @default false
             */
            fallback?: boolean;
        };
        /**
         * StayingAnswer
         * @description Something that exists and is kept, with what it costs.
         */
        StayingAnswer: {
            /** External Id */
            external_id: string;
            /** Key */
            key: string;
            /** Kind */
            kind: string;
            /** Title */
            title: string;
            /** Usd Per Month */
            usd_per_month: number;
        };
        /**
         * StepAnswer
         * @description One resource of the operation. `state`: pending, running, succeeded, blocked, failed, cancelled.
         *
         *     `stage` counts from 1: in an operation of several, one begins when the one before it is done.
         */
        StepAnswer: {
            /** Attempts */
            attempts: number;
            /** Depends On */
            depends_on: string[];
            /** Ended At */
            ended_at: string | null;
            /** Expected Seconds */
            expected_seconds: number;
            /** External Id */
            external_id: string | null;
            /** Key */
            key: string;
            /** Kind */
            kind: string;
            /** Message */
            message: string;
            /** Stage */
            stage: number;
            /** Started At */
            started_at: string | null;
            /** State */
            state: string;
            /** Title */
            title: string;
            /** Verb */
            verb: string;
        };
        /**
         * SubnetAnswer
         * @description A subnet. `editable` is false for those that were carved: they come and go with the network.
         */
        SubnetAnswer: {
            /** Availability Zone */
            availability_zone: string | null;
            /** Cidr Block */
            cidr_block: string | null;
            /** Editable */
            editable: boolean;
            /** External Id */
            external_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Message
             * @default
             */
            message?: string;
            /** Name */
            name: string;
            /**
             * Network Id
             * Format: uuid
             */
            network_id: string;
            /** Provider */
            provider: string;
            /** Public */
            public: boolean | null;
            /** Region */
            region: string;
            /** State */
            state: string;
            /** Vpc Id */
            vpc_id: string | null;
        };
        /**
         * SubnetBody
         * @description POST /{provider}/network/subnets. `vpc_id` is the cloud's id or ours.
         */
        SubnetBody: {
            /** Availability Zone */
            availability_zone?: string | null;
            /** Cidr Block */
            cidr_block: string;
            /** Credential Id */
            credential_id?: string | null;
            /** Name */
            name: string;
            /** Plan Digest */
            plan_digest?: string | null;
            /**
             * Public
             * @default false
             */
            public?: boolean;
            /** Vpc Id */
            vpc_id: string;
        };
        /**
         * SubnetPart
         * @description A subnet inside a network's body.
         */
        SubnetPart: {
            /** Availability Zone */
            availability_zone?: string | null;
            /** Cidr Block */
            cidr_block: string;
            /** Name */
            name: string;
            /**
             * Public
             * @default false
             */
            public?: boolean;
        };
        /**
         * SubnetPatchBody
         * @description What of a subnet may change.
         */
        SubnetPatchBody: {
            /** Plan Digest */
            plan_digest?: string | null;
            /** Public */
            public: boolean;
        };
        /**
         * SuspensionBody
         * @description Why nothing may be changed in a workspace for now.
         */
        SuspensionBody: {
            /** Reason */
            reason: string;
        };
        /**
         * SweepAnswer
         * @description How fresh the picture of one credential and region is.
         *
         *     `swept_at` is the last complete sweep. `stale`: what is shown may no longer be so. `unread`: kinds that could not be
         *     listed, and why. `finds_orphans`: false where the cloud is only asked for what is known.
         */
        SweepAnswer: {
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            error: components["schemas"]["SweepErrorAnswer"] | null;
            /** Finds Orphans */
            finds_orphans: boolean;
            /**
             * Next At
             * Format: date-time
             */
            next_at: string;
            /** Provider */
            provider: string;
            /** Region */
            region: string;
            /** Stale */
            stale: boolean;
            /** Swept At */
            swept_at: string | null;
            /** Unread */
            unread: {
                [key: string]: string;
            };
            /**
             * Workspace Id
             * Format: uuid
             */
            workspace_id: string;
        };
        /**
         * SweepBody
         * @description Several orphans of one credential and region, deleted in the right order.
         */
        SweepBody: {
            /** Orphan Ids */
            orphan_ids: string[];
            /** Plan Digest */
            plan_digest?: string | null;
        };
        /**
         * SweepErrorAnswer
         * @description Why the picture is old. `since`: the first sweep in a row that failed.
         */
        SweepErrorAnswer: {
            /** Message */
            message: string;
            /** Reason */
            reason: string;
            /** Since */
            since: string | null;
        };
        /**
         * TaintAnswer
         * @description A taint.
         */
        TaintAnswer: {
            /** Effect */
            effect: string;
            /** Key */
            key: string;
            /** Value */
            value: string;
        };
        /**
         * TaintBody
         * @description A Kubernetes taint.
         */
        TaintBody: {
            /**
             * Effect
             * @enum {string}
             */
            effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
            /** Key */
            key: string;
            /**
             * Value
             * @default
             */
            value?: string;
        };
        /**
         * TargetAnswer
         * @description What the operation works on.
         */
        TargetAnswer: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Provider */
            provider: string;
            /** Region */
            region: string;
        };
        /**
         * TemplateRef
         * @description A template to lay the request over, by JSON merge patch. Without a version: the newest not deprecated.
         */
        TemplateRef: {
            /** Name */
            name: string;
            /** Version */
            version?: number | null;
        };
        /**
         * TimelineAnswer
         * @description One line of the operation's story.
         */
        TimelineAnswer: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Text */
            text: string;
        };
        /**
         * TokensAnswer
         * @description A session's tokens. The refresh token works once; each refresh answers the next one.
         *
         *     `refresh_token` is empty where a cookie holds it (X-Refresh-Token-Place).
         */
        TokensAnswer: {
            /** Access Token */
            access_token: string;
            /**
             * Expires In
             * @description seconds until the access token expires
             */
            expires_in: number;
            /** Refresh Token */
            refresh_token: string;
            /**
             * Token Type
             * @default bearer
             */
            token_type?: string;
        };
        /**
         * TopologyAnswer
         * @description A network as a graph. `truncated`: there is more than is shown.
         */
        TopologyAnswer: {
            /** Edges */
            edges: components["schemas"]["TopologyEdgeAnswer"][];
            /** Nodes */
            nodes: components["schemas"]["TopologyNodeAnswer"][];
            /** Truncated */
            truncated: boolean;
        };
        /**
         * TopologyEdgeAnswer
         * @description `source` lies inside `target`, or uses it.
         */
        TopologyEdgeAnswer: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "inside" | "uses";
            /** Source */
            source: string;
            /** Target */
            target: string;
        };
        /**
         * TopologyNodeAnswer
         * @description One thing of a network. Its id stays when it is made anew; `cluster_id` is set for clusters and their pools.
         */
        TopologyNodeAnswer: {
            /** Cidr Block */
            cidr_block: string | null;
            /** Cluster Id */
            cluster_id: string | null;
            /** External Id */
            external_id: string | null;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "network" | "subnet" | "gateway" | "firewall" | "peering" | "cluster" | "node_pool";
            /** Name */
            name: string;
            /** State */
            state: string;
            /** Zones */
            zones: string[];
        };
        /**
         * TrustGuide
         * @description How an account of one cloud is made to trust a workspace.
         */
        TrustGuide: {
            /** Provider */
            provider: string;
            /** Text */
            text: string;
        };
        /**
         * UnifiedClusterBody
         * @description POST /clusters.
         */
        UnifiedClusterBody: {
            /** Addons */
            addons?: components["schemas"]["AddonBody"][];
            cluster: components["schemas"]["UnifiedClusterPart"];
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            network?: components["schemas"]["ClusterNetworkBody"] | null;
            node_pool?: components["schemas"]["NodePoolPart"] | null;
            /** Node Pools */
            node_pools?: components["schemas"]["NodePoolPart"][];
            /** Plan Digest */
            plan_digest?: string | null;
            /** Provider */
            provider: string;
            template?: components["schemas"]["TemplateRef"] | null;
            /** Workspace Id */
            workspace_id?: string | null;
        } & {
            [key: string]: unknown;
        };
        /**
         * UnifiedClusterPart
         * @description `cluster` of the unified body.
         */
        UnifiedClusterPart: {
            /**
             * Deletion Protection
             * @description refuse every way to delete it until this is false again
             * @default false
             */
            deletion_protection?: boolean;
            /**
             * Mode
             * @default standard
             */
            mode?: string;
            /** Name */
            name: string;
            /** Region */
            region?: string | null;
            /** Version */
            version?: string | null;
            /** Zones */
            zones?: string[];
        };
        /**
         * UnifiedImportBody
         * @description POST /clusters:import and /networks:import.
         */
        UnifiedImportBody: {
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            /** External Id */
            external_id?: string | null;
            /**
             * Managed
             * @default false
             */
            managed?: boolean;
            /** Name */
            name?: string | null;
            /** Plan Digest */
            plan_digest?: string | null;
            /** Provider */
            provider: string;
            /** Region */
            region?: string | null;
            /** Workspace Id */
            workspace_id?: string | null;
        };
        /**
         * UnifiedNetworkBody
         * @description POST /networks.
         */
        UnifiedNetworkBody: {
            /**
             * Credential Id
             * Format: uuid
             */
            credential_id: string;
            network: components["schemas"]["NetworkPart"];
            /** Plan Digest */
            plan_digest?: string | null;
            /** Provider */
            provider: string;
            /** Workspace Id */
            workspace_id?: string | null;
        };
        /**
         * UpgradeHopAnswer
         * @description From one minor version to the next.
         */
        UpgradeHopAnswer: {
            /** Expected Seconds */
            expected_seconds: number;
            /** Steps */
            steps: components["schemas"]["UpgradeStepAnswer"][];
            /** Version */
            version: string;
            /** Version Before */
            version_before: string;
        };
        /**
         * UpgradePlanAnswer
         * @description What upgrading would do: the operation goes through all `hops`, one after the other. `changes` are those of the
         *     first hop; cost, duration and findings are of the whole way.
         */
        UpgradePlanAnswer: {
            /** Changes */
            changes: components["schemas"]["PlannedChangeAnswer"][];
            /**
             * Cidr Block
             * @description of the network that this makes
             */
            cidr_block?: string | null;
            /** Digest */
            digest: string;
            /** Expected Seconds */
            expected_seconds: number;
            /** Findings */
            findings: components["schemas"]["FindingAnswer"][];
            /** Hops */
            hops: components["schemas"]["UpgradeHopAnswer"][];
            /** Inventory */
            inventory?: components["schemas"]["InventoryAnswer"][] | null;
            /** Ok */
            ok: boolean;
            /** Quotas */
            quotas?: components["schemas"]["QuotaAnswer"][] | null;
            /** Usd Per Month */
            usd_per_month: number;
        };
        /**
         * UpgradeSettingsAnswer
         * @description How the nodes of a pool are replaced, as it was asked for.
         */
        UpgradeSettingsAnswer: {
            /** Max Surge */
            max_surge: string | null;
            /** Max Unavailable */
            max_unavailable: string | null;
        };
        /**
         * UpgradeSettingsBody
         * @description How many nodes come besides and how many are missing while those of a pool are replaced. What is left out is as
         *     the cloud has it by itself.
         */
        UpgradeSettingsBody: {
            /** Max Surge */
            max_surge?: (number | string) | null;
            /** Max Unavailable */
            max_unavailable?: (number | string) | null;
        };
        /**
         * UpgradeStepAnswer
         * @description What a hop changes: the control plane, then each node pool.
         */
        UpgradeStepAnswer: {
            /** Expected Seconds */
            expected_seconds: number;
            /** Key */
            key: string;
            /** Title */
            title: string;
        };
        /**
         * UserAnswer
         * @description A user.
         */
        UserAnswer: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Disabled At */
            disabled_at: string | null;
            /** Display Name */
            display_name: string;
            /** Email */
            email: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Is Platform Admin */
            is_platform_admin: boolean;
        };
        /**
         * UserBody
         * @description A new user. They sign in with this password and should change it.
         */
        UserBody: {
            /** Display Name */
            display_name?: string | null;
            /** Email */
            email: string;
            /**
             * Is Platform Admin
             * @default false
             */
            is_platform_admin?: boolean;
            /**
             * Password
             * Format: password
             */
            password: string;
        };
        /**
         * UserPatch
         * @description What changes about a user. Disabling ends all sessions at once.
         */
        UserPatch: {
            /** Disabled */
            disabled?: boolean | null;
            /** Display Name */
            display_name?: string | null;
            /** Is Platform Admin */
            is_platform_admin?: boolean | null;
        };
        /**
         * VerificationAnswer
         * @description What the walk along a chain found. Keep `head` elsewhere: it proves a later cut.
         */
        VerificationAnswer: {
            /**
             * Begins After Seq
             * @description entries up to here were dropped by retention; 0 = none
             */
            begins_after_seq: number;
            /**
             * Entries
             * @description good entries, from the start of what is kept
             */
            entries: number;
            /** First Bad Seq */
            first_bad_seq: number | null;
            /**
             * Head
             * @description signed, as one line of JSON; give it back as `head`
             */
            head: string;
            /**
             * Head Hash
             * @description hexadecimal
             */
            head_hash: string;
            /** Head Seq */
            head_seq: number;
            /**
             * Heads Compared
             * @description of those given, without those of dropped entries
             */
            heads_compared: number;
            /** Intact */
            intact: boolean;
            /** Reason */
            reason: string;
            /** Workspace Id */
            workspace_id: string | null;
        };
        /**
         * VersionAnswer
         * @description A Kubernetes version one may ask for.
         */
        VersionAnswer: {
            /** Default */
            default: boolean;
            /** End Of Standard Support */
            end_of_standard_support: string | null;
            /** Name */
            name: string;
        };
        /**
         * VersionsAnswer
         * @description Offered versions, newest first.
         */
        VersionsAnswer: {
            /** Items */
            items: components["schemas"]["VersionAnswer"][];
        };
        /**
         * WakesToAnswer
         * @description What a pool of a hibernated cluster is when that is woken.
         */
        WakesToAnswer: {
            auto_scaling: components["schemas"]["AutoScalingAnswer"] | null;
            /** Node Count */
            node_count: number;
        };
        /**
         * WholeAnswer
         * @description The cluster or network it belongs to.
         */
        WholeAnswer: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
        };
        /**
         * WorkloadAnswer
         * @description What keeps pods running. Of a Job `desired` are completions; of a CronJob `ready` are jobs under way.
         */
        WorkloadAnswer: {
            /** Created At */
            created_at: string | null;
            /** Desired */
            desired: number;
            /** Images */
            images: string[];
            /**
             * Kind
             * @enum {string}
             */
            kind: "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob";
            /** Name */
            name: string;
            /** Namespace */
            namespace: string;
            /** Ready */
            ready: number;
            /**
             * State
             * @enum {string}
             */
            state: "ready" | "progressing" | "paused";
        };
        /**
         * WorkspaceAnswer
         * @description A workspace the caller is a member of, with what they may do there.
         */
        WorkspaceAnswer: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Permissions */
            permissions: components["schemas"]["Permission"][];
            /** Suspended At */
            suspended_at?: string | null;
            /**
             * Suspended Reason
             * @default
             */
            suspended_reason?: string;
        };
        /**
         * WorkspaceBody
         * @description A new workspace; its creator becomes its administrator. Also what PATCH takes.
         */
        WorkspaceBody: {
            /** Name */
            name: string;
        };
    };
    responses: {
        /** @description The address cannot be read. */
        BadAddress: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The cloud, or the cluster's own API, answered in a way that does not help. */
        BadGateway: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description If-Match names another version than the present one. */
        ChangedMeanwhile: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What there is now stands against it; the type says what, and the detail what to do. */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not valid. `errors` names the fields at fault. */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Known, and not allowed. `missing_permission` names what is missing, where that helps. */
        NotAllowed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What is named does not exist, as far as one may see. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nobody is signed in, or not as this asks for. `WWW-Authenticate` says how, where one can. */
        NotSignedIn: {
            headers: {
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is too large. */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too often, or too many at once. `Retry-After` says when to come back. */
        TooManyRequests: {
            headers: {
                "Retry-After"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body did not arrive in time. */
        TooSlow: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Database, keys or cloud do not answer now. `Retry-After` says when to come back. */
        Unavailable: {
            headers: {
                "Retry-After"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not JSON in UTF-8, or packed. */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "get-provider-kubernetes-clusters": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description exactly this name */
                name?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
                /** @description only clusters in this state */
                state?: ("provisioning" | "ready" | "degraded" | "updating" | "deleting" | "needs_attention" | "drifted" | "deleted") | null;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ClusterAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreationPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-import": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-importable": {
        parameters: {
            query: {
                /** @description whose account to look into */
                credential_id: string;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ImportableAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-kubernetes-clusters-cluster": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-provider-kubernetes-clusters-cluster": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterPatchBody"];
            };
        };
        responses: {
            /** @description changed, or the plan of a dry run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterAnswer"] | components["schemas"]["UpgradePlanAnswer"] | components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-clone": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CloneBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreationPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-hibernate": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HibernationPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-manage": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-release": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-repair": {
        parameters: {
            query?: {
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RepairBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-wake": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HibernationPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-addon-offers": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
                /** @description a minor version; left out: the cluster's own */
                version?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddonOffersAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-addons": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AddonAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-addons": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAddonBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-addons-addon": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the add-on's name */
                addon: string;
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddonAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-kubernetes-clusters-cluster-addons-addon": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the add-on's name */
                addon: string;
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-provider-kubernetes-clusters-cluster-addons-addon": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the add-on's name */
                addon: string;
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddonPatchBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-drift": {
        parameters: {
            query?: {
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftPage"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-events": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description only in this namespace */
                namespace?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InsidePage_ClusterEventAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-hibernation-schedule": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HibernationScheduleAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "put-provider-kubernetes-clusters-cluster-hibernation-schedule": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HibernationScheduleBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HibernationScheduleAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-kubernetes-clusters-cluster-hibernation-schedule": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HibernationScheduleAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-kube-token": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecCredential"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-kubeconfig": {
        parameters: {
            query?: {
                /** @description exec: kubectl asks `skyclust kube-token`; token: short-lived, inside; cloud: its own plug-in */
                auth?: "exec" | "token" | "cloud";
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description how it is written */
                format?: "yaml" | "json";
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a kubeconfig */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "application/yaml": unknown;
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-namespaces": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InsidePage_NamespaceAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-node-pools": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_NodePoolAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-node-pools": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNodePoolBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-node-pools-pool": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the node pool's name */
                pool: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodePoolAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-kubernetes-clusters-cluster-node-pools-pool": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the node pool's name */
                pool: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-provider-kubernetes-clusters-cluster-node-pools-pool": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the node pool's name */
                pool: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodePoolPatchBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "put-provider-kubernetes-clusters-cluster-node-pools-pool-scale": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the node pool's name */
                pool: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScaleBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-nodes": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InsidePage_NodeAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-nodes-node": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the node's name */
                node: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeDetailAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-nodes-node-cordon": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the node's name */
                node: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-nodes-node-drain": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the node's name */
                node: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["DrainBody"] | null;
            };
        };
        responses: {
            /** @description what would be done, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DrainPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-kubernetes-clusters-cluster-nodes-node-uncordon": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the node's name */
                node: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-plan": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-pods": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description only in this namespace */
                namespace?: string | null;
                /** @description only pods on this node */
                node?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InsidePage_PodAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-pods-namespace-pod-log": {
        parameters: {
            query?: {
                /** @description which container; needed when there are several */
                container?: string | null;
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description of the container before its last restart */
                previous?: boolean;
                /** @description narrow an ambiguous name */
                region?: string | null;
                /** @description so many lines from the end */
                tail_lines?: number;
                /** @description with the time of each line */
                timestamps?: boolean;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description the namespace */
                namespace: string;
                /** @description the pod's name */
                pod: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PodLogAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-clusters-cluster-workloads": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description only workloads of this kind */
                kind?: ("Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob") | null;
                /** @description rows per page */
                limit?: number;
                /** @description only in this namespace */
                namespace?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InsidePage_WorkloadAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-metadata-addons": {
        parameters: {
            query: {
                /** @description of the cluster */
                mode?: string;
                /** @description a name out of `versions` */
                version: string;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddonOffersAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-metadata-machine-types": {
        parameters: {
            query: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description a part of the name */
                name?: string;
                /** @description a name out of `regions` */
                region: string;
                vcpu_min?: number;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MachineTypeAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-metadata-regions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamesAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-metadata-versions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionsAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-kubernetes-metadata-zones": {
        parameters: {
            query: {
                /** @description a name out of `regions` */
                region: string;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamesAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-peerings": {
        parameters: {
            query?: {
                /** @description only of this credential */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description exactly this name */
                name?: string | null;
                region?: string | null;
                /** @description the network that asked for them */
                vpc_id?: string | null;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PeeringAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-peerings": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PeeringBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-peerings-peering": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id or the cloud's */
                peering: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PeeringAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-network-peerings-peering": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id or the cloud's */
                peering: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-security-groups": {
        parameters: {
            query?: {
                /** @description only of this credential */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description exactly this name */
                name?: string | null;
                region?: string | null;
                vpc_id?: string | null;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SecurityGroupAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-security-groups": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecurityGroupBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-security-groups-group": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id or the cloud's */
                group: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecurityGroupAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-network-security-groups-group": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id or the cloud's */
                group: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-provider-network-security-groups-group": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id or the cloud's */
                group: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecurityGroupPatchBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-security-groups-group-rules": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id or the cloud's */
                group: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulesAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-security-groups-group-rules": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id or the cloud's */
                group: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRuleBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-network-security-groups-group-rules-rule": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id or the cloud's */
                group: string;
                /** @description a name out of /providers */
                provider: string;
                /** @description the rule's id, as the group shows it */
                rule: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-subnets": {
        parameters: {
            query?: {
                /** @description only of this credential */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description exactly this name */
                name?: string | null;
                region?: string | null;
                vpc_id?: string | null;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SubnetAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-subnets": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubnetBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-subnets-subnet": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
                /** @description our id or the cloud's */
                subnet: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubnetAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-network-subnets-subnet": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
                /** @description our id or the cloud's */
                subnet: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-provider-network-subnets-subnet": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
                /** @description our id or the cloud's */
                subnet: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubnetPatchBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-vpcs": {
        parameters: {
            query?: {
                /** @description only of this credential */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description exactly this name */
                name?: string | null;
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_NetworkAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-vpcs": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NetworkBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-vpcs-import": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-vpcs-importable": {
        parameters: {
            query: {
                /** @description whose account to look into */
                credential_id: string;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ImportableAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-vpcs-network": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-provider-network-vpcs-network": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-provider-network-vpcs-network": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NetworkPatchBody"];
            };
        };
        responses: {
            /** @description changed, or the plan of a dry run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkAnswer"] | components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-vpcs-network-deletion-plan": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-vpcs-network-manage": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-vpcs-network-release": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-provider-network-vpcs-network-repair": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RepairBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-vpcs-network-drift": {
        parameters: {
            query?: {
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftPage"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-provider-network-vpcs-network-topology": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
                /** @description a name out of /providers */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopologyAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-audit-logs": {
        parameters: {
            query?: {
                /** @description cluster.created, or cluster.* */
                action?: string | null;
                /** @description email or user id */
                actor?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                platform?: boolean;
                /** @description looked for in every text */
                q?: string | null;
                /** @description the trace id of an answer */
                request_id?: string | null;
                since?: string | null;
                /** @description credential/<id>, or credential/* */
                target?: string | null;
                until?: string | null;
                workspace_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AuditEntryAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-audit-logs-export": {
        parameters: {
            query?: {
                /** @description cluster.created, or cluster.* */
                action?: string | null;
                /** @description email or user id */
                actor?: string | null;
                format?: components["schemas"]["ExportFormat"];
                platform?: boolean;
                /** @description looked for in every text */
                q?: string | null;
                /** @description the trace id of an answer */
                request_id?: string | null;
                since?: string | null;
                /** @description credential/<id>, or credential/* */
                target?: string | null;
                until?: string | null;
                workspace_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description every entry that matches, in order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-audit-logs-verify": {
        parameters: {
            query?: {
                /** @description look at the entries of the given heads alone */
                compare_only?: boolean;
                /** @description an exported head, as its line of JSON */
                head?: string[];
                platform?: boolean;
                workspace_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerificationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-login": {
        parameters: {
            query?: never;
            header?: {
                /** @description `cookie`: for pages; the refresh token is kept in an HttpOnly cookie */
                "X-Refresh-Token-Place"?: "body" | "cookie";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-logout": {
        parameters: {
            query?: never;
            header?: {
                /** @description `cookie`: for pages; the refresh token is kept in an HttpOnly cookie */
                "X-Refresh-Token-Place"?: "body" | "cookie";
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-auth-me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-auth-oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignOnAnswer"];
                };
            };
            429: components["responses"]["TooManyRequests"];
        };
    };
    "get-auth-oidc-callback": {
        parameters: {
            query?: {
                code?: string;
                error?: string;
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: {
                "__Host-skyclust-sign-on"?: string;
                "skyclust-sign-on"?: string;
            };
        };
        requestBody?: never;
        responses: {
            /** @description On to the next place */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-auth-oidc-login": {
        parameters: {
            query: {
                challenge: string;
                /** @description prove who you are, also when the provider knows you already */
                fresh?: boolean;
                return_to: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description On to the next place */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-oidc-tokens": {
        parameters: {
            query?: never;
            header?: {
                /** @description `cookie`: for pages; the refresh token is kept in an HttpOnly cookie */
                "X-Refresh-Token-Place"?: "body" | "cookie";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignOnTokensBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-reauthenticate": {
        parameters: {
            query?: never;
            header?: {
                /** @description `cookie`: for pages; the refresh token is kept in an HttpOnly cookie */
                "X-Refresh-Token-Place"?: "body" | "cookie";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReauthenticationBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-refresh": {
        parameters: {
            query?: never;
            header?: {
                /** @description `cookie`: for pages; the refresh token is kept in an HttpOnly cookie */
                "X-Refresh-Token-Place"?: "body" | "cookie";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
            403: components["responses"]["NotAllowed"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-auth-second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CurrentPasswordBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FactorSetupAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-second-factor-confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodesAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-auth-second-factor-remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FactorRemovalBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-auth-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionsAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-auth-sessions": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-auth-sessions-session_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-clusters": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description exactly this name */
                name?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
                /** @description only clusters in this state */
                state?: ("provisioning" | "ready" | "degraded" | "updating" | "deleting" | "needs_attention" | "drifted" | "deleted") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ClusterAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UnifiedClusterBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreationPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters-import": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UnifiedImportBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-clusters-kubeconfig": {
        parameters: {
            query?: {
                /** @description only these */
                cluster_id?: string[];
                /** @description how it is written */
                format?: "yaml" | "json";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a kubeconfig */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "application/yaml": unknown;
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-clusters-cluster": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-clusters-cluster": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-clusters-cluster": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterPatchBody"];
            };
        };
        responses: {
            /** @description changed, or the plan of a dry run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterAnswer"] | components["schemas"]["UpgradePlanAnswer"] | components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters-cluster-clone": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CloneBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreationPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters-cluster-hibernate": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HibernationPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters-cluster-manage": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters-cluster-release": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters-cluster-repair": {
        parameters: {
            query?: {
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                provider?: string | null;
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RepairBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters-cluster-wake": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HibernationPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-clusters-cluster-drift": {
        parameters: {
            query?: {
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                provider?: string | null;
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftPage"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-clusters-cluster-kube-token": {
        parameters: {
            query?: {
                /** @description narrow an ambiguous name */
                credential_id?: string | null;
                provider?: string | null;
                /** @description narrow an ambiguous name */
                region?: string | null;
            };
            header?: never;
            path: {
                /** @description the cluster's name or id */
                cluster: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecCredential"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-credentials": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                provider?: string | null;
                workspace_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_CredentialAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-credentials": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: {
                /** @description the same key gives the same answer */
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-credentials-credential_id": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                credential_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-credentials-credential_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                credential_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-credentials-credential_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                credential_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-credentials-credential_id-verify": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                credential_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-drift": {
        parameters: {
            query?: {
                /** @description name or id of a cluster or network */
                cluster?: string | null;
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                provider?: string | null;
                region?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftPage"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-drift-drift_id": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                drift_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-drift-drift_id-accept": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                drift_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AcceptBody"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-drift-drift_id-repair": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                drift_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RepairBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-events": {
        parameters: {
            query?: never;
            header?: {
                "Last-Event-ID"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events. `message`: {name, topic, workspace_id, at, data}; `snapshot`: operation; `resync`: some events were missed, load afresh; `closed`: the session ended. Ids resume by Last-Event-ID. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            401: components["responses"]["NotSignedIn"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-health-live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: string;
                    };
                };
            };
            429: components["responses"]["TooManyRequests"];
        };
    };
    "get-health-ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadinessAnswer"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            /** @description Not ready; `checks` says why */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadinessAnswer"];
                };
            };
        };
    };
    "post-invitations-accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptanceBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-invitations-join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-me-permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PermissionsAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-networks": {
        parameters: {
            query?: {
                /** @description only of this credential */
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description exactly this name */
                name?: string | null;
                provider?: string | null;
                region?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_NetworkAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-networks": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UnifiedNetworkBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-networks-free-ranges": {
        parameters: {
            query?: {
                count?: number;
                /** @description how large: 16 is 65,536 addresses */
                prefix_length?: number;
                /** @description whose rules must allow the range */
                provider?: string | null;
                region?: string | null;
                /** @description where to look */
                within?: string;
                /** @description else your first one */
                workspace_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FreeRangesAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-networks-import": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UnifiedImportBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-networks-network": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-networks-network": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-networks-network": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NetworkPatchBody"];
            };
        };
        responses: {
            /** @description changed, or the plan of a dry run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkAnswer"] | components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-networks-network-deletion-plan": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-networks-network-manage": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-networks-network-release": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-networks-network-repair": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RepairBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-networks-network-drift": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftPage"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-networks-network-topology": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description our id, the cloud's id or the name */
                network: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopologyAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-operations": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                kind?: string | null;
                /** @description rows per page */
                limit?: number;
                state?: components["schemas"]["OperationState"] | null;
                target_id?: string | null;
                workspace_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_OperationAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-operations-operation_id": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-operations-operation_id-cancel": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what would be done, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-operations-operation_id-pause": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what would be done, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-operations-operation_id-resume": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what would be done, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-operations-operation_id-rollback": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what would be done, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionPlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-operations-operation_id-events": {
        parameters: {
            query?: never;
            header?: {
                "Last-Event-ID"?: string | null;
            };
            path: {
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events. `message`: {name, topic, workspace_id, at, data}; `snapshot`: operation; `resync`: some events were missed, load afresh; `closed`: the session ended. Ids resume by Last-Event-ID. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-orphans": {
        parameters: {
            query?: {
                /** @description name or id of a cluster or network */
                cluster?: string | null;
                credential_id?: string | null;
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                provider?: string | null;
                region?: string | null;
                /** @description all but ignored if left out */
                state?: ("found" | "ignored" | "sweeping") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrphanPage"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-orphans-sweep": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SweepBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-orphans-orphan_id": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                orphan_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrphanAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-orphans-orphan_id-adopt": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                orphan_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RepairBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["ChangedMeanwhile"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-orphans-orphan_id-ignore": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                orphan_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrphanAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-orphans-orphan_id-sweep": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                orphan_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RepairBody"];
            };
        };
        responses: {
            /** @description the plan, with ?dry_run=true */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description begun; Location is the operation */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-orphans-orphan_id-unignore": {
        parameters: {
            query?: {
                /** @description answer the plan instead of doing it */
                dry_run?: boolean;
                /** @description refuse (409) if the plan differs */
                plan_digest?: string | null;
            };
            header?: {
                "idempotency-key"?: string | null;
                "if-match"?: string | null;
                "x-plan-digest"?: string | null;
            };
            path: {
                orphan_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrphanAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProvidersAnswer"];
                };
            };
            401: components["responses"]["NotSignedIn"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-tokens": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ApiTokenAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-tokens": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiTokenBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiTokenAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-tokens-token_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-users": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_UserAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-users": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-users-user_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-users-user_id-second-factor": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-users-user_id-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionsAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-users-user_id-sessions": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-users-user_id-sessions-session_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                session_id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_WorkspaceAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-workspaces": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces-workspace_id": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-workspaces-workspace_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-workspaces-workspace_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-workspaces-workspace_id-resume": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-workspaces-workspace_id-suspend": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuspensionBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces-workspace_id-cluster-templates": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
                /** @description versions of this template only */
                name?: string | null;
                /** @description templates of this provider only */
                provider?: string | null;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ClusterTemplateAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-workspaces-workspace_id-cluster-templates": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterTemplateBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterTemplateAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces-workspace_id-cluster-templates-template-number": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description its version */
                number: number;
                /** @description the template's name */
                template: string;
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterTemplateAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-workspaces-workspace_id-cluster-templates-template-number": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                /** @description its version */
                number: number;
                /** @description the template's name */
                template: string;
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-workspaces-workspace_id-cluster-templates-template-number-deprecate": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                /** @description its version */
                number: number;
                /** @description the template's name */
                template: string;
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeprecationBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterTemplateAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces-workspace_id-identity": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces-workspace_id-invitations": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_InvitationAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-workspaces-workspace_id-invitations": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvitationAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-workspaces-workspace_id-invitations-invitation_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                invitation_id: string;
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces-workspace_id-members": {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string | null;
                /** @description rows per page */
                limit?: number;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MemberAnswer_"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-workspaces-workspace_id-members": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-workspaces-workspace_id-members-user_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                user_id: string;
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-workspaces-workspace_id-members-user_id": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                user_id: string;
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberPatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces-workspace_id-quotas": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotasAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "put-workspaces-workspace_id-quotas": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuotasBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotasAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "get-workspaces-workspace_id-roles": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RolesAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "post-workspaces-workspace_id-roles": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoleAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "delete-workspaces-workspace_id-roles-name": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                name: string;
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    "patch-workspaces-workspace_id-roles-name": {
        parameters: {
            query?: {
                /** @description check everything and answer what would be, without doing it */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                name: string;
                workspace_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RolePatch"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoleAnswer"];
                };
            };
            400: components["responses"]["BadAddress"];
            401: components["responses"]["NotSignedIn"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["TooSlow"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
}
