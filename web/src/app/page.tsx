import { Fleet } from "@/features/clusters/fleet";

export default function Home() {
  return <Fleet />;
}
